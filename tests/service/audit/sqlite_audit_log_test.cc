#include "service/audit/sqlite_audit_log.h"

#include <gtest/gtest.h>

#include "service/audit/audit_layout.h"
#include "service/audit/audit_search.h"
#include "tests/service/audit/audit_log_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey {
namespace {

struct SqliteTrail {
  TemporaryFolder folder;
  ManualClock time{from_unix_seconds(1'800'000'000)};
  std::unique_ptr<AuditLog> opened = reopened();

  AuditLog& log() { return *opened; }
  ManualClock& clock() { return time; }
  std::unique_ptr<AuditLog> reopened() {
    auto made = open_audit_log(folder.path(), time);
    EXPECT_TRUE(made) << made.error().what;
    return made ? std::move(*made) : nullptr;
  }
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, AuditLogContract, SqliteTrail);

}  // namespace portalkey

namespace portalkey::sqlite_audit_log_test {
namespace {

class SqliteAuditLog : public testing::Test {
 protected:
  SqliteTrail made;
  std::filesystem::path file() { return made.folder.path() / "audit.db"; }
  Sqlite database() { return *Sqlite::open(file(), kAuditWords); }
};

TEST_F(SqliteAuditLog, ANewerLayoutIsRefusedWithWords) {
  made.opened.reset();
  ASSERT_TRUE(database().run("PRAGMA user_version=99"));
  const auto opened = open_audit_log(made.folder.path(), made.time);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid_input);
  EXPECT_TRUE(opened.error().what.contains("newer portalkey")) << opened.error().what;
}

TEST_F(SqliteAuditLog, EveryKindOfSearchIsLedByAnIndexAndSortsNothing) {
  auto db = database();
  ASSERT_TRUE(made.log().append(event_of("x")));
  const auto some = made.time.now();
  const AuditFilter filters[] = {{},
                                 {.tenant = "a"},
                                 {.action = "a"},
                                 {.serial = "a"},
                                 {.upn = "a"},
                                 {.job = "a"},
                                 {.caller = "a"},
                                 {.tenant = "a", .action = "a", .serial = "a", .upn = "a", .job = "a", .caller = "a"},
                                 {.tenant = "a", .action = "a", .caller = "a"},
                                 {.from = some, .until = some},
                                 {.tenant = "a", .from = some}};
  for (const auto& filter : filters) {
    for (const std::int64_t before : {0, 7}) {
      auto plan = search_plan(db, filter, before);
      ASSERT_TRUE(plan) << plan.error().what;
      for (const auto& line : *plan) EXPECT_FALSE(line.contains("TEMP B-TREE")) << line;
      const bool all = filter.tenant.empty() && filter.action.empty() && filter.serial.empty() && filter.upn.empty() &&
                       filter.job.empty() && filter.caller.empty();
      EXPECT_TRUE(plan->back().contains(all ? "entry" : "USING INDEX entry_")) << plan->back();
    }
  }
}

TEST_F(SqliteAuditLog, WhatIsCutOffWhileItRunsStopsIt) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(made.log().append(event_of("x")));
  ASSERT_TRUE(database().run("DELETE FROM entry WHERE number = 3"));
  auto after = made.log().append(event_of("y"));
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, Errc::corrupt);
  ASSERT_TRUE(database().run("DELETE FROM entry; DELETE FROM trail"));
  EXPECT_EQ(made.log().append(event_of("y")).error().code, Errc::corrupt);
}

TEST_F(SqliteAuditLog, AFolderThatOthersSeeIsRefused) {
  std::filesystem::permissions(made.folder.path(), std::filesystem::perms(0755));
  EXPECT_EQ(open_audit_log(made.folder.path(), made.time).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey::sqlite_audit_log_test
