#include "jobs/store/sqlite/clean_reasons.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "sqlite/sqlite.h"

namespace portalkey::clean_reasons_test {
namespace {

constexpr std::string_view kKey = "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA";
constexpr std::string_view kToken = "0.AX0AbCdEfGhIjKlMnOp.AgABAwEAAAApTwJmzXqdR4BN2miheQMYAgDs";

class CleanReasons : public testing::Test {
 protected:
  CleanReasons() { folder_ = std::filesystem::temp_directory_path() / ("portalkey-clean-" + Random().guid()); }
  ~CleanReasons() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<JobStore> open() {
    auto store = open_job_store(folder_, std::nullopt, clock_);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }

  /// As an older version left it: with what services said, and never cleaned.
  void leave_old_reasons(int rows) {
    Job job;
    job.id = "old";
    job.tenant = "contoso.com";
    job.backend = "graph";
    std::vector<JobToken> tokens(static_cast<std::size_t>(rows));
    for (int i = 0; i < rows; ++i) {
      auto& outcome = tokens[static_cast<std::size_t>(i)].outcome;
      outcome.serial = std::to_string(i);
      outcome.state = TokenOutcome::State::failed;
      if (i % 3 == 0) outcome.reason = "the tenant has no user a@contoso.com";
      if (i % 3 == 1) outcome.reason = fmt::format("Graph refused the request: The value '{}' of secretKey is not valid", kKey);
      if (i % 3 == 2) outcome.remedy = fmt::format("Look at {}\x1b[2J", kToken);
    }
    ASSERT_TRUE(open()->create(job, tokens));
    auto db = Sqlite::open(folder_ / "jobs.db", kJournalWords);
    ASSERT_TRUE(db && db->run("DELETE FROM cleaned"));
  }

  /// Whether a file of the journal holds it anywhere.
  bool on_disk(std::string_view text) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::stringstream bytes;
      bytes << in.rdbuf();
      if (bytes.str().contains(text)) return true;
    }
    return false;
  }

  std::filesystem::path folder_;
  ManualClock clock_{from_unix_seconds(1'767'225'600)};
};

TEST_F(CleanReasons, WhatAnOlderVersionKeptIsGoneAtTheNextStart) {
  leave_old_reasons(300);
  ASSERT_TRUE(on_disk(kKey) && on_disk(kToken)) << "the test shows nothing";
  auto store = open();
  EXPECT_FALSE(on_disk(kKey)) << "in a page that is in use, freed, or in the write-ahead log";
  EXPECT_FALSE(on_disk(kToken));
  const auto tokens = store->tokens("old");
  ASSERT_TRUE(tokens);
  ASSERT_EQ(tokens->size(), 300U);
  EXPECT_EQ((*tokens)[0].outcome.reason, "the tenant has no user a@contoso.com");
  EXPECT_EQ((*tokens)[1].outcome.reason, "Graph refused the request: The value '***' of secretKey is not valid");
  EXPECT_EQ((*tokens)[2].outcome.remedy, "Look at ***");
}

TEST_F(CleanReasons, ItIsDoneOnce) {
  leave_old_reasons(3);
  open();
  auto db = Sqlite::open(folder_ / "jobs.db", kJournalWords);
  ASSERT_TRUE(db && db->run(fmt::format("UPDATE token SET reason = '{}'", kKey)));
  EXPECT_EQ((*open()->tokens("old"))[1].outcome.reason, kKey);
}

TEST_F(CleanReasons, WhileAnotherProcessReadsItIsLeftToTheNextStart) {
  leave_old_reasons(3);
  auto other = Sqlite::open(folder_ / "jobs.db", kJournalWords);
  ASSERT_TRUE(other && other->run("BEGIN; SELECT count(*) FROM token"));
  EXPECT_EQ((*open()->tokens("old"))[1].outcome.reason, "Graph refused the request: The value '***' of secretKey is not valid");
  EXPECT_TRUE(on_disk(kKey)) << "the test shows nothing";
  ASSERT_TRUE(other->run("COMMIT"));
  open();
  EXPECT_FALSE(on_disk(kKey));
}

TEST_F(CleanReasons, NeitherCancellingNorForgettingLeavesAKey) {
  leave_old_reasons(30);
  auto store = open();
  auto lease = store->claim("old");
  ASSERT_TRUE(lease && store->finish(*lease, Job::State::cancelled));
  EXPECT_FALSE(on_disk(kKey));
  lease = store->claim("old");
  ASSERT_TRUE(lease && store->forget(*lease));
  EXPECT_FALSE(on_disk(kKey) || on_disk("of secretKey is not valid"));
}

}  // namespace
}  // namespace portalkey::clean_reasons_test
