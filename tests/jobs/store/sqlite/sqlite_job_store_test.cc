#include "jobs/store/sqlite/sqlite_job_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "jobs/store/sqlite/journal_layout.h"
#include "sqlite/sqlite.h"
#include "tests/jobs/store/job_store_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey::sqlite_job_store_test {
namespace {

struct SqliteJournal {
  std::unique_ptr<JobStore> open() {
    auto store = open_job_store(folder.path() / "jobs", std::nullopt, clock);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  /// What dies with a process is what its end closes.
  void kill(std::unique_ptr<JobStore> store) { store.reset(); }
  /// From now on nobody can tell that who has a lease lives, as if it were on another machine: the lock files are gone.
  void lose_sight() {
    for (const auto& file : std::filesystem::directory_iterator(folder.path() / "jobs")) {
      const auto name = file.path().filename().string();
      if (name.ends_with(".lock") && name != "jobs.db.lock") std::filesystem::remove(file.path());
    }
  }

  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, JobStoreContract, SqliteJournal);

class SqliteJobStoreTest : public JobStoreContract<SqliteJournal> {
 protected:
  std::filesystem::path folder() const { return journal_.folder.path() / "jobs"; }
};

TEST_F(SqliteJobStoreTest, AKilledProcessLetsGoAtOnce) {
  ASSERT_TRUE(store_->create(job("a"), tokens(1)));
  int claimed[2];
  ASSERT_EQ(::pipe(claimed), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = open_job_store(folder(), std::nullopt, journal_.clock);
    const bool got = store && (*store)->claim("a");
    (void)!::write(claimed[1], got ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char got = 0;
  ASSERT_EQ(::read(claimed[0], &got, 1), 1);
  EXPECT_EQ(got, 'y');
  EXPECT_TRUE(store_->find("a")->running);
  EXPECT_EQ(store_->claim("a").error().code, Errc::conflict);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(store_->find("a")->running);
  EXPECT_TRUE(store_->claim("a"));
}

TEST_F(SqliteJobStoreTest, AHolderThatLivesIsNotRobbedOfALeaseThatRanOut) {
  const Lease lease = created("a");
  journal_.clock.advance(kLeaseTime * 10);
  auto other = journal_.open();
  EXPECT_TRUE(other->find("a")->running);
  EXPECT_EQ(other->claim("a").error().code, Errc::conflict);
  EXPECT_TRUE(store_->heartbeat(lease));
}

TEST_F(SqliteJobStoreTest, WhatTheFileDidNotTakeIsWrittenWithTheNextCall) {
  const Lease lease = created("a");
  auto db = Sqlite::open(folder() / "jobs.db", kJournalWords);
  ASSERT_TRUE(db);
  ASSERT_TRUE(store_->settle(lease, 0, outcome(0, OutcomeState::removed)));
  ASSERT_TRUE(db->run("ALTER TABLE lease RENAME TO elsewhere"));
  EXPECT_FALSE(store_->flush(lease));
  ASSERT_TRUE(db->run("ALTER TABLE elsewhere RENAME TO lease"));
  ASSERT_TRUE(store_->finish(lease, Job::State::open));
  EXPECT_EQ(journal_.open()->tokens("a")->front().outcome.state, OutcomeState::removed);
}

TEST_F(SqliteJobStoreTest, NamesStandInTheFile) {
  const Lease lease = created("a");
  TokenOutcome failed = outcome(0, OutcomeState::failed);
  failed.code = OutcomeCode::not_activated;
  ASSERT_TRUE(store_->settle(lease, 0, failed));
  ASSERT_TRUE(store_->finish(lease, Job::State::open));
  auto db = Sqlite::open(folder() / "jobs.db", kJournalWords);
  ASSERT_TRUE(db);
  Query query(*db, "SELECT job.state, token.state, token.code, change, hash FROM job JOIN token ON job = id WHERE number = 0");
  ASSERT_TRUE(*query.step());
  EXPECT_EQ(query.text(0), "open");
  EXPECT_EQ(query.text(1), "failed");
  EXPECT_EQ(query.text(2), "not_activated");
  EXPECT_EQ(query.text(3), "create");
  EXPECT_EQ(query.text(4), "sha1");
}

TEST_F(SqliteJobStoreTest, LookingNeedsNoPassphraseAndDoingDoes) {
  const auto passphrase = [](std::optional<std::string> text) {
    return [text]() -> Result<Secret> {
      if (!text) return fail(Errc::needs_person, "asked");
      return Secret(*text);
    };
  };
  auto rows = tokens(1);
  rows[0].seed = {};  // what has no secret key is bound as well
  auto asks = open_job_store(folder(), passphrase(std::nullopt), journal_.clock);
  ASSERT_TRUE(asks);
  EXPECT_EQ((*asks)->create(job("a"), rows).error().code, Errc::needs_person);
  ASSERT_TRUE((*open_job_store(folder(), passphrase("right"), journal_.clock))->create(job("a"), rows));
  EXPECT_EQ((*asks)->list({}, 9)->jobs.size(), 1u);
  EXPECT_TRUE((*asks)->find("a"));
  EXPECT_TRUE((*asks)->tokens("a"));
  EXPECT_EQ((*asks)->load("a").error().code, Errc::needs_person);
  const auto lease = (*asks)->claim("a");
  ASSERT_TRUE(lease);
  EXPECT_TRUE((*asks)->finish(*lease, Job::State::cancelled)) << "without the passphrase a job can be given up all the same";
}

TEST_F(SqliteJobStoreTest, ALostKeyFileIsSaid) {
  ASSERT_TRUE(store_->create(job("a"), tokens(1)));
  std::filesystem::remove(folder() / "jobs.key");
  EXPECT_EQ(journal_.open()->load("a").error().code, Errc::corrupt);
}

TEST_F(SqliteJobStoreTest, APassphraseSealsTheKey) {
  const auto with = [&](std::string_view text) {
    return open_job_store(folder(), [text = std::string(text)]() -> Result<Secret> { return Secret(text); }, journal_.clock);
  };
  ASSERT_TRUE((*with("right"))->create(job("a"), tokens(1)));
  EXPECT_EQ(key_of((*with("right"))->load("a")->tokens[0]), kKey);
  EXPECT_EQ((*with("wrong"))->load("a").error().code, Errc::unauthenticated);
  EXPECT_EQ((*with("wrong"))->list({}, 9)->jobs.size(), 1u) << "looking needs no passphrase";
}

TEST_F(SqliteJobStoreTest, DamagedFilesAreSaidWhereverTheDamageIs) {
  ASSERT_TRUE(store_->create(job("a"), tokens(40)));
  store_.reset();
  std::string whole;
  {
    std::ifstream in(folder() / "jobs.db", std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t keep = 0; keep < whole.size(); keep += 997) {
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      if (entry.path().filename() != "jobs.key") std::filesystem::remove(entry.path());
    }
    {
      std::ofstream out(folder() / "jobs.db", std::ios::binary);
      out << whole.substr(0, keep);
    }
    auto store = open_job_store(folder(), std::nullopt, journal_.clock);
    if (!store) continue;  // said; the rest looks deeper
    const auto held = (*store)->load("a");
    EXPECT_TRUE(!held || held->tokens.size() == 40) << "cut at " << keep;
  }
}

}  // namespace
}  // namespace portalkey::sqlite_job_store_test
