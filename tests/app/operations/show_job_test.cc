#include "app/operations/show_job.h"

#include "app/operations/job_rows.h"
#include "app/operations/start_job.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "sqlite/sqlite.h"
#include "tests/app/jobs_world.h"

namespace portalkey::show_job_test {
namespace {

struct ShowJob : testing::Test, JobsWorld {
  ShowJob() : store(*tenant.jobs()) {}
  std::string created() {
    const Job job = new_job(tenant, "unassign", "");
    std::vector<JobToken> rows;
    rows.push_back(job_token(TokenChange::unassign, "T2", "bela@contoso.com", 3));
    rows.push_back(job_token(TokenChange::unassign, "T1", "anna@contoso.com", 2));
    EXPECT_TRUE(store->create(job, rows));
    return job.id;
  }
  std::unique_ptr<JobStore> store;
};

TEST_F(ShowJob, ByItsNameHowThatBeginsOrTheNewest) {
  EXPECT_EQ(job_named(*store, "last").error().code, Errc::not_found);
  const auto first = created(), second = created();
  EXPECT_EQ(*job_named(*store, first), first);
  EXPECT_EQ(*job_named(*store, first.substr(0, 18)), first);
  EXPECT_EQ(*job_named(*store, "last"), second);
  EXPECT_EQ(job_named(*store, "none").error().code, Errc::not_found);
}

TEST_F(ShowJob, WithEveryTokenInTheFilesOrder) {
  const auto shown = show_job(*store, created());
  ASSERT_TRUE(shown) << shown.error().what;
  ASSERT_EQ(shown->tokens.size(), 2u);
  EXPECT_EQ(shown->tokens[0].serial, "T1");
  EXPECT_EQ(shown->job.kind, "unassign");
  EXPECT_FALSE(shown->unsound);
}

TEST_F(ShowJob, WhatSomebodyElseWroteIsTold) {
  const auto id = created();
  {
    auto db = Sqlite::open(tenant.jobs_folder() / "jobs.db", kJournalWords);
    ASSERT_TRUE(db) << db.error().what;
    ASSERT_TRUE(db->run("UPDATE token SET serial='T9' WHERE serial='T1'"));
  }
  const auto shown = show_job(*store, id);
  ASSERT_TRUE(shown) << shown.error().what;
  EXPECT_TRUE(shown->altered());
}

TEST_F(ShowJob, WhereItCannotBeFoundOutThatIsNotCalledAltered) {
  const auto id = created();
  auto around = this->around();
  around.environment = environment_of({{"PORTALKEY_PASSPHRASE", "five words of another file"}});
  Tenant stranger(profile(), around);
  const auto shown = show_job(**stranger.jobs(), id);
  ASSERT_TRUE(shown) << shown.error().what;
  ASSERT_TRUE(shown->unsound);
  EXPECT_FALSE(shown->altered()) << shown->unsound->what;
}

}  // namespace
}  // namespace portalkey::show_job_test
