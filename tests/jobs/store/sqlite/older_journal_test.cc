#include "tests/jobs/store/sqlite/older_journal.h"

#include "base/file_lock.h"
#include "jobs/store/sqlite/older_reasons.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "tests/temporary_folder.h"

namespace portalkey::older_journal_test {
namespace {

using State = TokenOutcome::State;

class OlderJournal : public testing::TestWithParam<int> {
 protected:
  std::filesystem::path folder() const { return temporary_.path() / "jobs"; }
  std::unique_ptr<JobStore> open() {
    auto store = open_job_store(folder(), std::nullopt, clock_);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  /// The job of make_older_journal(), in whichever layout.
  void make(int version) {
    if (version < 4) return make_older_journal(folder(), version);
    Job job;
    job.id = "20251231-abcd";
    job.tenant = "contoso.com";
    job.backend = "portal";
    job.file = "seeds.csv";
    std::vector<JobToken> rows(5);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& [seed, outcome, change, from, replaced_by] = rows[i];
      outcome.line = static_cast<std::int64_t>(i) + 2;
      outcome.serial = std::to_string(100 + i);
      outcome.upn = "helga@contoso.com";
      outcome.state = i < 2 ? State::not_done : i < 4 ? State::failed : State::active;
      if (i < 4) seed.base32 = Secret(kOlderSeed);
      if (i >= 2) outcome.settled = from_unix_seconds(1'767'139'240 + static_cast<std::int64_t>(i) * 10);
      seed.step = 30;
    }
    rows[2].outcome.reason = "uploaded, but not activated: the code was refused 3 times";
    rows[3].outcome.reason = "the service did not take this row and gives no reason";
    ManualClock then{from_unix_seconds(1'767'139'200)};
    {
      auto store = open_job_store(folder(), std::nullopt, then);
      ASSERT_TRUE(store && (*store)->create(job, rows));
      const auto lease = (*store)->claim(job.id);
      ASSERT_TRUE(lease && (*store)->uploading(*lease, "one.csv"));
    }
    make_layout_4(folder());
  }

  TemporaryFolder temporary_;
  ManualClock clock_{from_unix_seconds(1'767'225'600)};
};

TEST_P(OlderJournal, IsTakenOverWhole) {
  make(GetParam());
  for (const bool again : {false, true}) {
    auto store = open();
    const auto found = store->find("20251231");
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->id, "20251231-abcd");
    EXPECT_EQ(found->kind, "import");
    EXPECT_EQ(found->state, Job::State::open);
    EXPECT_EQ(found->tokens, 5u);
    EXPECT_EQ(found->good, 1u);
    EXPECT_EQ(found->failed, 2u);
    EXPECT_EQ(found->not_come, 2u);
    EXPECT_EQ(found->created, from_unix_seconds(1'767'139'200));
    const auto loaded = store->load(found->id);
    ASSERT_TRUE(loaded) << (again ? "again: " : "") << loaded.error().what;
    const std::pair<State, OutcomeCode> expected[] = {{State::not_done, OutcomeCode::none},
                                                      {State::not_done, OutcomeCode::none},
                                                      {State::failed, OutcomeCode::not_activated},
                                                      {State::failed, OutcomeCode::upload_refused},
                                                      {State::active, OutcomeCode::none}};
    ASSERT_EQ(loaded->tokens.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
      const auto& [seed, outcome, change, from, replaced_by] = loaded->tokens[i];
      EXPECT_EQ(outcome.state, expected[i].first) << i;
      EXPECT_EQ(outcome.code, expected[i].second) << i;
      EXPECT_EQ(change, TokenChange::create);
      EXPECT_EQ(seed.hash, Hash::sha1);
      EXPECT_EQ(seed.step, 30);
      seed.base32.reveal([&](std::string_view key) { EXPECT_EQ(key, i < 4 ? kOlderSeed : "") << i; });
    }
    EXPECT_EQ(*store->uploads(found->id), std::vector<std::string>{"one.csv"});
  }
}

TEST_P(OlderJournal, IsLeftAloneWhileAnOlderProcessDoesAJobOfIt) {
  make(GetParam());
  const auto version = [&] {
    auto db = Sqlite::open(folder() / "jobs.db", kJournalWords);
    Query query(*db, "PRAGMA user_version");
    EXPECT_TRUE(query.step());
    return query.number(0);
  };
  {
    const auto working = FileLock::take(folder() / "20251231-abcd.lock", std::chrono::milliseconds(0), clock_, {});
    ASSERT_TRUE(working);
    const auto store = open_job_store(folder(), std::nullopt, clock_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::conflict);
    EXPECT_NE(store.error().what.find("20251231-abcd"), std::string::npos) << store.error().what;
    EXPECT_EQ(version(), GetParam());
  }
  EXPECT_TRUE(open()->load("20251231-abcd"));
  EXPECT_EQ(version(), 8);
}

TEST_P(OlderJournal, ItsJobsGoOn) {
  make(GetParam());
  auto store = open();
  const auto lease = store->claim("20251231-abcd");
  ASSERT_TRUE(lease) << lease.error().what;
  auto loaded = store->load(lease->job);
  ASSERT_TRUE(loaded) << loaded.error().what;
  auto outcome = loaded->tokens[2].outcome;
  outcome.state = State::active;
  outcome.code = OutcomeCode::none;
  outcome.reason.clear();
  ASSERT_TRUE(store->settle(*lease, 2, outcome));
  ASSERT_TRUE(store->uploaded(*lease, "one.csv"));
  ASSERT_TRUE(store->finish(*lease, Job::State::open));
  loaded = open()->load("20251231-abcd");
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(loaded->job.good, 2u);
  EXPECT_TRUE(loaded->tokens[2].seed.base32.empty());
  EXPECT_FALSE(loaded->tokens[3].seed.base32.empty());
}

TEST_P(OlderJournal, ItsTokensHaveWaitedSinceThen) {
  make(GetParam());
  const auto since = open()->waiting_since("contoso.com", {"102", "103"});
  ASSERT_TRUE(since) << since.error().what;
  EXPECT_EQ(since->at("102"), from_unix_seconds(1'767'139'260)) << "it was uploaded then, its sentence says";
  EXPECT_EQ(since->at("103"), clock_.now());
}

TEST_P(OlderJournal, ANumberThatNoneWasIsNoState) {
  for (const char* column : {"state", "change", "hash"}) {
    if (GetParam() < 3 && std::string_view(column) == "change") continue;
    std::filesystem::remove_all(folder());
    make(GetParam());
    auto db = Sqlite::open(folder() / "jobs.db", kJournalWords);
    ASSERT_TRUE(db && db->run(fmt::format("UPDATE token SET {} = 77 WHERE number = 1", column)));
    const auto loaded = open()->load("20251231-abcd");
    ASSERT_FALSE(loaded) << column;
    EXPECT_EQ(loaded.error().code, Errc::corrupt);
    EXPECT_NE(loaded.error().what.find("row 2"), std::string::npos) << loaded.error().what;
  }
}

INSTANTIATE_TEST_SUITE_P(Layout, OlderJournal, testing::Values(1, 2, 3, 4));

TEST(OlderReasons, EachSentenceThatWasWrittenHasItsCode) {
  const std::pair<const char*, OutcomeCode> sentences[] = {
      {"uploaded, but not activated: interrupted", OutcomeCode::not_activated},
      {"the tenant has no token with this serial number; it has 0012, which differs little", OutcomeCode::not_in_tenant},
      {"the serial number is taken: the tenant has it assigned to a@contoso.com (active)", OutcomeCode::assigned_to_other},
      {"the token is assigned to a@contoso.com, not to b@contoso.com", OutcomeCode::assigned_to_other},
      {"a@contoso.com would have more than 5 tokens, those in the tenant included", OutcomeCode::too_many_tokens},
      {"upn: an object id is no user principal name", OutcomeCode::invalid_user},
      {"was removed from a@contoso.com on 2026-01-01 (job 20260101-abcd)", OutcomeCode::taken_away},
      {"was not in the tenant any more", OutcomeCode::none},
      {"kept: the new token 100 is not active", OutcomeCode::kept},
      {"Graph refused the request", OutcomeCode::none},
      {"", OutcomeCode::none},
  };
  for (const auto& [sentence, code] : sentences) EXPECT_EQ(code_of_older(sentence), code) << sentence;
}

}  // namespace
}  // namespace portalkey::older_journal_test
