// What somebody who can write to the journal, but does not have its key, can make of it: nothing that is done.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "base/files.h"
#include "jobs/store/sqlite/bound_fields.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "jobs/store/sqlite/journal_seal.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "sqlite/sqlite.h"
#include "tests/jobs/store/sqlite/older_journal.h"
#include "tests/temporary_folder.h"

namespace portalkey::journal_bound_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOlder = "20251231-abcd";
constexpr std::string_view kSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

JobToken token(TokenChange change, std::string serial, bool with_key) {
  JobToken out;
  out.change = change;
  out.seed.line = out.outcome.line = 2;
  out.seed.serial = out.outcome.serial = std::move(serial);
  out.seed.upn = out.outcome.upn = "helga@contoso.com";
  out.outcome.state = TokenOutcome::State::not_done;
  if (with_key) {
    out.seed.manufacturer = "Contoso";
    out.seed.model = "C100";
    out.seed.step = 30;
    out.seed.hash = Hash::sha1;
    out.seed.digits = 6;
    out.seed.base32 = Secret(kSeed);
  }
  return out;
}

/// A row of every kind: each change, with and without a secret key, and in each state.
std::vector<JobToken> rows_of_every_kind() {
  std::vector<JobToken> rows;
  for (int change = 0; change <= static_cast<int>(TokenChange::remove); ++change) {
    for (const bool with_key : {true, false}) {
      rows.push_back(token(static_cast<TokenChange>(change), std::to_string(100 + rows.size()), with_key));
      rows.back().from = "former@contoso.com";
      if (!with_key) rows.back().replaced_by = "100";
    }
  }
  for (int state = 0; state <= static_cast<int>(TokenOutcome::State::failed); ++state) {
    rows.push_back(token(TokenChange::create, std::to_string(100 + rows.size()), true));
    rows.back().outcome.state = static_cast<TokenOutcome::State>(state);
    rows.back().outcome.code = static_cast<OutcomeCode>(state % 3);  // none among them
    rows.back().outcome.reason = state % 2 == 0 ? "a reason" : "uploaded, but not activated: a reason";
    rows.back().outcome.remedy = "a remedy";
    if (state % 3 == 0) rows.back().outcome.clock = DeviceClock{std::chrono::seconds(30 * state), from_unix_seconds(state)};
  }
  return rows;
}

Job job(std::string id) {
  Job out;
  out.id = std::move(id);
  out.tenant = "contoso.com";
  out.backend = "portal";
  out.file = "seeds.csv";
  return out;
}

class JournalBound : public testing::Test {
 protected:
  std::unique_ptr<JobStore> open() {
    auto store = open_job_store(folder(), std::nullopt, clock_);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  fs::path folder() const { return temporary_.path() / "jobs"; }

  /// Two jobs like each other, one of whose rows has become active since.
  void write_jobs() {
    auto store = open();
    for (const char* id : {"a", "b"}) {
      ASSERT_TRUE(store->create(job(id), rows_of_every_kind()));
      TokenOutcome active = token(TokenChange::create, "100", false).outcome;
      active.state = TokenOutcome::State::active;
      const auto lease = store->claim(id);
      ASSERT_TRUE(lease) << lease.error().what;
      ASSERT_TRUE(store->settle(*lease, 0, active));
      ASSERT_TRUE(store->uploading(*lease, "one.csv"));
      ASSERT_TRUE(store->uploading(*lease, "two.csv"));
      ASSERT_TRUE(store->uploaded(*lease, "two.csv"));
      ASSERT_TRUE(store->release(*lease));
      ASSERT_TRUE(store->load(id)) << store->load(id).error().what;
    }
    store.reset();
    Sqlite db = edit();
    ASSERT_TRUE(db.run("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  Sqlite edit() {
    auto db = Sqlite::open(folder() / "jobs.db", kJournalWords);
    EXPECT_TRUE(db);
    EXPECT_TRUE(db->run("PRAGMA synchronous=OFF"));  // thousands of edits
    return std::move(*db);
  }
  /// Runs `sql` on a copy of the journal and hands the job over to `judge`. Returns how many rows were changed.
  int with_edit(const std::string& sql, const std::function<void(const Result<LoadedJob>&)>& judge,
                const std::string& id = "a") {
    const fs::path kept = temporary_.path() / "kept";
    fs::remove_all(kept);
    fs::rename(folder(), kept);
    fs::copy(kept, folder());
    int changed = -1;
    {
      Sqlite db = edit();
      if (db.run(sql)) changed = sqlite3_total_changes(db.handle());
    }
    judge(open()->load(id));
    fs::remove_all(folder());
    fs::rename(kept, folder());
    return changed;
  }
  /// `names`: what the refusal says.
  void expect_refused(const std::string& sql, const std::vector<std::string>& names = {}, const std::string& id = "a") {
    const int changed = with_edit(
        sql,
        [&](const Result<LoadedJob>& loaded) {
          ASSERT_FALSE(loaded) << "not noticed: " << sql;
          EXPECT_EQ(loaded.error().code, Errc::corrupt) << sql << ": " << loaded.error().what;
          EXPECT_NE(loaded.error().what.find("job " + id), std::string::npos) << loaded.error().what;
          EXPECT_FALSE(loaded.error().remedy.empty());
          for (const auto& name : names) EXPECT_NE(loaded.error().what.find(name), std::string::npos) << loaded.error().what;
        },
        id);
    EXPECT_GT(changed, 0) << "the edit did nothing: " << sql;
  }

  struct Column {
    std::string name, type;
    bool required;
  };
  std::vector<Column> columns(const std::string& table) {
    std::vector<Column> out;
    Sqlite db = edit();
    Query query(db, "SELECT name, type, \"notnull\" FROM pragma_table_info(?)");
    query.bind(table);
    while (*query.step()) out.push_back({std::string(query.text(0)), std::string(query.text(1)), query.number(2) != 0});
    return out;
  }
  /// SQL values for `column` that are not the one it has.
  static std::vector<std::string> others(const Column& column) {
    std::vector<std::string> out;
    const std::string& c = column.name;
    if (c == "number") return {"number + 1000", "-1 - number"};  // which no other row has
    if (column.type == "INTEGER") {
      out = {"ifnull(" + c + ", 5) + 1000", "CASE WHEN " + c + " = 0 THEN 1 ELSE 0 END"};
    } else if (column.type == "TEXT") {
      out = {c + " || 'x'", "CASE WHEN " + c + " = '' THEN 'y' ELSE '' END", c + " || char(0)"};
    } else {
      out = {"CASE WHEN " + c + " IS NULL THEN zeroblob(60) ELSE zeroblob(length(" + c + ")) END", "zeroblob(0)"};
    }
    if (!column.required)
      out.push_back("CASE WHEN " + c + " IS NULL THEN " +
                    (column.type == "TEXT"      ? "'z'"
                     : column.type == "INTEGER" ? "1"
                                                : "x'00'") +
                    " END");
    return out;
  }

  TemporaryFolder temporary_;
  SystemClock clock_;
};

TEST_F(JournalBound, EveryColumnOfEveryRow) {
  write_jobs();
  const auto rows = rows_of_every_kind();
  std::size_t edits = 0;
  for (const auto& column : columns("token")) {
    if (column.name == "seed") continue;  // below: it is wiped where it is not needed any more
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (const auto& value : others(column)) {
        std::vector<std::string> names;
        if (column.name != "job" && column.name != "number") names.push_back("row " + std::to_string(i + 1));
        expect_refused("UPDATE token SET " + column.name + " = " + value + " WHERE job = 'a' AND number = " + std::to_string(i),
                       names);
        ++edits;
      }
    }
  }
  EXPECT_GT(edits, 1000u);
}

TEST_F(JournalBound, EveryColumnOfTheJob) {
  write_jobs();
  for (const auto& column : columns("job")) {
    for (const auto& value : others(column)) {
      const std::string sql = "UPDATE job SET " + column.name + " = " + value + " WHERE id = 'a'";
      if (column.name == "id") {
        with_edit(sql, [](const Result<LoadedJob>& loaded) { EXPECT_EQ(loaded.error().code, Errc::not_found); });
      } else {
        expect_refused(sql);
      }
    }
  }
  with_edit("UPDATE job SET id = 'c' WHERE id = 'b'; UPDATE token SET job = 'c' WHERE job = 'b'; DELETE FROM upload",
            [&](const Result<LoadedJob>&) { EXPECT_EQ(open()->load("c").error().code, Errc::corrupt) << "another name"; });
}

TEST_F(JournalBound, WordsThatNoneAreAreNotShown) {
  write_jobs();
  for (const std::string column : {"kind", "backend", "tenant"}) {
    const int changed = with_edit("UPDATE job SET " + column + " = 'a' || char(13, 10) || 'FORGED: all is done' WHERE id = 'a'",
                                  [&](const Result<LoadedJob>& loaded) {
                                    EXPECT_EQ(loaded.error().code, Errc::corrupt) << column;
                                    const auto job = open()->find("a");
                                    ASSERT_TRUE(job);
                                    EXPECT_FALSE((job->kind + job->backend + job->tenant).contains("FORGED")) << column;
                                  });
    EXPECT_EQ(changed, 1) << column;
  }
}

TEST_F(JournalBound, EveryColumnOfAnUpload) {
  write_jobs();
  for (const char* name : {"one.csv", "two.csv"}) {
    for (const auto& column : columns("upload")) {
      if (column.name == "job") continue;
      for (const auto& value : others(column)) {
        expect_refused("UPDATE upload SET " + column.name + " = " + value + " WHERE job = 'a' AND name = '" + name + "'",
                       {"upload"});
      }
    }
  }
  expect_refused("INSERT INTO upload(job, name, done) VALUES('a', 'another.csv', 0)", {"upload"});
  expect_refused(
      "INSERT INTO upload(job, name, done, mark) SELECT 'a', 'another.csv', 0, mark FROM upload WHERE job = 'a' LIMIT 1");
}

TEST_F(JournalBound, EveryByteOfASealedSecretKey) {
  write_jobs();
  std::string sealed;
  {
    Sqlite db = edit();
    Query query(db, "SELECT hex(seed) FROM token WHERE job = 'a' AND number = 2");
    ASSERT_TRUE(*query.step());
    sealed = query.text(0);
  }
  ASSERT_GT(sealed.size(), 2 * kSeed.size());
  const auto put = [](const std::string& hex) {
    return "UPDATE token SET seed = x'" + hex + "' WHERE job = 'a' AND number = 2";
  };
  for (std::size_t i = 0; i < sealed.size(); i += 2) {
    std::string altered = sealed;
    altered[i] = altered[i] == '0' ? '8' : '0';
    expect_refused(put(altered), {"secret key of row 3", "serial number 102"});
    expect_refused(put(sealed.substr(0, i)), {"row 3"});
  }
  expect_refused(put(sealed + "00"), {"row 3"});
  expect_refused("UPDATE token SET seed = NULL WHERE job = 'a' AND number = 2", {"secret key of row 3"});
  expect_refused("UPDATE token SET seed = x'" + sealed + "' WHERE job = 'a' AND number = 4", {"secret key of row 5"});
  expect_refused(
      "UPDATE token SET seed = (SELECT seed FROM token WHERE job = 'b' AND number = 2) WHERE job = 'a' AND number = 2",
      {"secret key of row 3"});
}

TEST_F(JournalBound, RowsExchangedCopiedAddedAndTakenAway) {
  write_jobs();
  const auto count = rows_of_every_kind().size();
  expect_refused(
      "UPDATE token SET number = CASE number WHEN 2 THEN -1 WHEN 4 THEN 2 ELSE number END WHERE job = 'a' AND number IN (2, 4);"
      "UPDATE token SET number = 4 WHERE job = 'a' AND number = -1",
      {"row 3", "row 5"});
  for (std::size_t i = 0; i < count; ++i) {
    expect_refused("DELETE FROM token WHERE job = 'a' AND number = " + std::to_string(i), {"how many rows"});
    // another job's row in its place
    const std::string n = std::to_string(i);
    expect_refused("DELETE FROM token WHERE job = 'a' AND number = " + n +
                       "; UPDATE token SET job = 'a' WHERE job = 'b' AND number = " + n,
                   {"row " + std::to_string(i + 1)});
  }
  expect_refused("UPDATE token SET job = 'a', number = " + std::to_string(count) + " WHERE job = 'b' AND number = 3",
                 {"how many rows"});
  // one taken away and another added, so that the number is right
  expect_refused("DELETE FROM token WHERE job = 'a' AND number = 1; UPDATE token SET job = 'a', number = " +
                     std::to_string(count) + " WHERE job = 'b' AND number = 3",
                 {"row 2 is missing", "row " + std::to_string(count + 1)});
}

TEST_F(JournalBound, ManyAlterationsAreNamedInFewWords) {
  write_jobs();
  with_edit("UPDATE token SET upn = 'mallory@contoso.com' WHERE job = 'a'", [](const Result<LoadedJob>& loaded) {
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().what.find("row 1 "), std::string::npos) << loaded.error().what;
    EXPECT_NE(loaded.error().what.find("more"), std::string::npos);
    EXPECT_LT(loaded.error().what.size(), 600u);
  });
}

TEST_F(JournalBound, AJobThatWasEndedIsNotOpenedAgain) {
  write_jobs();
  const auto finish = [&](Job::State state) {
    auto store = open();
    const auto lease = store->claim("a");
    ASSERT_TRUE(lease && store->finish(*lease, state));
    ASSERT_TRUE(store->load("a")) << store->load("a").error().what;
  };
  finish(Job::State::done);
  expect_refused("UPDATE job SET state = 'open' WHERE id = 'a'");
  finish(Job::State::cancelled);
  for (const char* state : {"open", "done", "planned", "", "x"})
    expect_refused("UPDATE job SET state = '" + std::string(state) + "' WHERE id = 'a'");
}

TEST_F(JournalBound, WhatLooksLikeAnOldJournalIsNotTakenOver) {
  write_jobs();
  const std::string forget =
      "UPDATE token SET wish_mark = NULL, state_mark = NULL; UPDATE job SET wish_mark = NULL, state_mark = NULL;";
  expect_refused("UPDATE token SET upn = 'mallory@contoso.com' WHERE job = 'a'; " + forget);
  with_edit("UPDATE token SET upn = 'mallory@contoso.com'", [&](const Result<LoadedJob>&) {
    make_layout_4(folder());
    {
      Sqlite db = edit();
      ASSERT_TRUE(
          db.run("ALTER TABLE job DROP COLUMN wish_mark; ALTER TABLE job DROP COLUMN state_mark;"
                 "ALTER TABLE token DROP COLUMN wish_mark; ALTER TABLE token DROP COLUMN state_mark;"
                 "ALTER TABLE token DROP COLUMN has_key; ALTER TABLE upload DROP COLUMN mark; PRAGMA user_version = 3"));
    }
    const auto loaded = open()->load("a");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::corrupt);
  });
}

/// The code of a row of layout 4 follows from its sentence: no other is taken.
TEST_F(JournalBound, ACodeIsNotPutBesideAnOlderSentence) {
  auto rows = rows_of_every_kind();
  for (auto& row : rows) {
    row.outcome.code = OutcomeCode::none;
    row.outcome.clock.reset();  // which that layout does not have
  }
  ASSERT_TRUE(open()->create(job("a"), rows));
  make_layout_4(folder());
  EXPECT_TRUE(open()->load("a"));
  expect_refused("UPDATE token SET code = 'guest' WHERE code = 'not_activated'");
  expect_refused("UPDATE token SET code = 'guest' WHERE number = 0", {"row 1 "});
}

TEST_F(JournalBound, EveryByteOfTheKeyFile) {
  write_jobs();
  const fs::path file = folder() / "jobs.key";
  const std::string whole =
      read_file(file, 1000, FileUse::secret)->reveal([](std::string_view bytes) { return std::string(bytes); });
  const auto with = [&](const std::string& bytes) {
    ASSERT_TRUE(write_file_atomically(file, bytes));
    const auto loaded = open()->load("a");
    ASSERT_FALSE(loaded) << bytes.size();
    EXPECT_TRUE(loaded.error().code == Errc::corrupt || loaded.error().code == Errc::invalid_input) << loaded.error().what;
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string altered = whole;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    with(altered);
    with(whole.substr(0, i));
  }
  with(whole + "x");
  ASSERT_TRUE(write_file_atomically(file, whole));
  EXPECT_TRUE(open()->load("a"));
}

TEST_F(JournalBound, AnOlderJournalIsTakenOverOnce) {
  make_older_journal(folder(), 3);
  EXPECT_EQ(open()->list({}, 9)->jobs.size(), 1u);
  EXPECT_EQ(open()->tokens(kOlder)->size(), 5u) << "looking does not need the key";
  EXPECT_TRUE(open()->load(kOlder));
  expect_refused("UPDATE token SET upn = 'mallory@contoso.com' WHERE number = 2", {"row 3"}, kOlder);
  expect_refused(
      "UPDATE token SET upn = 'mallory@contoso.com', wish_mark = NULL, state_mark = NULL; UPDATE job SET wish_mark = NULL", {},
      kOlder);
  // Killed between the journal's write and that of the key file.
  ASSERT_TRUE(write_file_atomically(folder() / "jobs.key", std::string(32, 'k')));
  EXPECT_TRUE(open()->load(kOlder));
  expect_refused("UPDATE token SET wish_mark = NULL, state_mark = NULL; UPDATE job SET wish_mark = NULL", {}, kOlder);
}

TEST_F(JournalBound, AnOlderRowWhoseKeyDoesNotOpenIsRefused) {
  make_older_journal(folder(), 3);
  expect_refused("UPDATE token SET seed = (SELECT seed FROM token WHERE number = 0) WHERE number = 1", {"row 2"}, kOlder);
}

TEST_F(JournalBound, AnOlderJournalWhoseKeyIsGoneIsNotTakenOver) {
  make_older_journal(folder(), 3, false);
  EXPECT_EQ(open()->load(kOlder).error().code, Errc::corrupt);
  ASSERT_TRUE(open()->create(job("new"), rows_of_every_kind())) << "which makes a key";
  EXPECT_EQ(open()->load(kOlder).error().code, Errc::corrupt) << "a new key vouches for nothing that was there before";
  EXPECT_TRUE(open()->load("new"));
}

Result<Secret> passphrase() { return Secret("a passphrase of this test"); }

TEST_F(JournalBound, ProcessesThatAreFirstAtOnceShareOneKey) {
  for (const bool sealed : {false, true}) {
    std::optional<std::function<Result<Secret>()>> source;
    if (sealed) source = passphrase;
    for (int round = 0; round < (sealed ? 1 : 5); ++round) {
      fs::remove_all(folder());
      int ready[2];
      ASSERT_EQ(::pipe(ready), 0);
      std::vector<pid_t> children;
      for (int i = 0; i < 6; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
          char go = 0;
          ::close(ready[1]);
          (void)!::read(ready[0], &go, 1);  // until the parent closes its end: all at once
          auto store = open_job_store(folder(), source, clock_);
          const auto done = store ? (*store)->create(job("job" + std::to_string(i)), rows_of_every_kind()) : pass(store);
          if (!done) std::fprintf(stderr, "%s\n", done.error().what.c_str());
          ::_exit(done ? 0 : 1);
        }
        children.push_back(child);
      }
      ::close(ready[0]);
      ::close(ready[1]);
      for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0) << "a first import failed";
      }
      auto store = open_job_store(folder(), source, clock_);
      ASSERT_TRUE(store);
      for (std::size_t i = 0; i < children.size(); ++i) {
        const auto loaded = (*store)->load("job" + std::to_string(i));
        EXPECT_TRUE(loaded) << loaded.error().what;
      }
    }
  }
}

TEST_F(JournalBound, ThreadsThatAreFirstAtOnceShareOneKey) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([this, i] {
        SystemClock clock;
        auto store = open_job_store(folder(), std::nullopt, clock);
        ASSERT_TRUE(store) << store.error().what;
        const auto created = (*store)->create(job("job" + std::to_string(i)), rows_of_every_kind());
        EXPECT_TRUE(created) << created.error().what;
      });
    }
  }
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(open()->load("job" + std::to_string(i)));
}

TEST(BoundFields, OtherFieldsAreOtherBytes) {
  const auto of = [](auto... fields) {
    BoundFields bound("kind");
    (bound.add(fields), ...);
    return std::string(bound.bytes());
  };
  using Text = std::string_view;
  const std::vector<std::string> all{of(Text("ab"), Text("c")),
                                     of(Text("a"), Text("bc")),
                                     of(Text("abc")),
                                     of(Text("abc"), Text("")),
                                     of(1, 23),
                                     of(12, 3),
                                     of(Text("1"), 23),
                                     of(std::optional<int>(), std::optional<int>(0)),
                                     of(std::optional<int>(0), std::optional<int>()),
                                     of(std::optional<int>(), std::optional<int>()),
                                     of(0, 0),
                                     of(Text("-"), std::optional<int>())};
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
}

TEST(JournalSeal, WhatIsMarkedIsKnownAgain) {
  const JournalSeal seal{Secret(std::string(32, 'k'))};
  const JournalSeal other{Secret(std::string(32, 'l'))};
  const std::string mark = seal.mark("fields");
  EXPECT_TRUE(seal.marked("fields", mark));
  EXPECT_FALSE(seal.marked("field", mark));
  EXPECT_FALSE(other.marked("fields", mark));
  EXPECT_FALSE(seal.marked("fields", ""));
  for (std::size_t i = 0; i < mark.size(); ++i) {
    std::string altered = mark;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(seal.marked("fields", altered)) << i;
  }
}

TEST(JournalSeal, ASecretKeyOpensOnlyBesideWhatItWasSealedWith) {
  const JournalSeal seal{Secret(std::string(32, 'k'))};
  const std::string sealed = seal.seal(Secret(kSeed), "row 7");
  EXPECT_TRUE(seal.unseal(sealed, "row 7"));
  EXPECT_FALSE(seal.unseal(sealed, "row 8"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(seal.unseal(altered, "row 7")) << i;
    EXPECT_FALSE(seal.unseal(sealed.substr(0, i), "row 7")) << i;
  }
}

}  // namespace
}  // namespace portalkey::journal_bound_test
