#include "app/operations/start_job.h"

#include "app/operations/assign_tokens.h"
#include "app/operations/job_rows.h"
#include "tests/app/jobs_world.h"

namespace portalkey::start_job_test {
namespace {

using State = TokenOutcome::State;

std::vector<JobToken> six_to_import() {
  std::vector<JobToken> tokens;
  for (int i = 0; i < 6; ++i) {
    TokenSeed seed;
    seed.line = i + 2;
    seed.serial = fmt::format("{:04}", i);
    seed.upn = fmt::format("user{}@contoso.com", i);
    seed.base32 = Secret(fmt::format("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO{}Q", static_cast<char>('A' + i)));
    seed.step = 30;
    tokens.push_back(job_token(TokenChange::create, std::move(seed)));
  }
  return tokens;
}

struct StartJob : testing::Test, JobsWorld {
  Result<JobOutcome> start() {
    Job job = new_job(tenant, "import", "seeds.csv");
    id = job.id;
    return start_job(tenant, *tenant.open_tokens(), std::move(job), six_to_import(), {});
  }
  std::string id;
};

TEST_F(StartJob, AJobThatCannotBeBegunLeavesNoTrace) {
  auto elsewhere = profile();
  elsewhere.tenant = "contoso.com";  // whose id nobody tells: the login's answer has none
  Tenant other(elsewhere, surroundings(&microsoft));
  const auto done = start_job(other, *other.open_tokens(), new_job(other, "import", "seeds.csv"), six_to_import(), {});
  ASSERT_FALSE(done);
  EXPECT_TRUE(journal().empty());
  EXPECT_EQ(portal.uploads, 0);
}

TEST_F(StartJob, AnInterruptedJobIsKeptAndResumedWithoutItsFile) {
  portal.on_enable = [this] {
    if (portal.codes.size() == 2) interrupt.request_stop();
  };
  const auto done = start();
  ASSERT_TRUE(done) << done.error().what;
  ASSERT_TRUE(done->stopped);
  EXPECT_EQ(done->stopped->code, Errc::cancelled);
  EXPECT_TRUE(done->kept);
  EXPECT_FALSE(done->all_settled());
  EXPECT_GT(done->job.not_come, 0u);
  EXPECT_EQ(state_text(journal().front()), "interrupted");

  Tenant later(profile(), surroundings(&microsoft));
  auto store = later.jobs();
  ASSERT_TRUE(store);
  const auto resumed = resume_job(later, **store, id.substr(0, 8));
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_FALSE(resumed->stopped);
  EXPECT_TRUE(resumed->all_settled() && resumed->kept);
  EXPECT_EQ(states(resumed->tokens), std::vector<State>(6, State::active));
  EXPECT_EQ(portal.uploads, 1);
}

TEST_F(StartJob, OneThatIsQueuedWaitsForItsTurn) {
  JobTerms terms;
  terms.queue = true;
  terms.begun_by = "key:helpdesk";
  terms.file_name = "tokens.csv";
  std::string told;
  terms.journaled = [&](const std::string& journaled) { told = journaled; };
  Job job = new_job(tenant, "import", "/proc/self/fd/7");
  id = job.id;
  const auto queued = start_job(tenant, *tenant.open_tokens(), std::move(job), six_to_import(), terms);
  ASSERT_TRUE(queued) << queued.error().what;
  EXPECT_EQ(told, id);
  EXPECT_EQ(portal.uploads, 0);
  ASSERT_EQ(journal().size(), 1u);
  EXPECT_EQ(journal().front().state, Job::State::queued);
  EXPECT_EQ(journal().front().begun_by, "key:helpdesk");
  EXPECT_EQ(journal().front().file, "tokens.csv");
  EXPECT_FALSE(journal().front().running);

  auto store = tenant.jobs();
  const auto done = resume_job(tenant, **store, id);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_TRUE(done->all_settled());
  EXPECT_EQ(journal().front().state, Job::State::done);
  EXPECT_EQ(portal.uploads, 1);
}

TEST_F(StartJob, WhatWasTakenAwayComesBackByAQueuedJobOnlyIfItMay) {
  ASSERT_TRUE(start());
  TokensToTake taking;
  taking.named.serials = {"0003"};
  ASSERT_TRUE(remove_tokens(tenant, taking));
  for (const bool again : {false, true}) {
    JobTerms terms;
    terms.queue = true;
    terms.again = again;
    Job job = new_job(tenant, "import", "seeds.csv");
    const auto queued = job.id;
    ASSERT_TRUE(start_job(tenant, *tenant.open_tokens(), std::move(job), six_to_import(), terms));
    auto store = tenant.jobs();
    const auto done = resume_job(tenant, **store, queued);
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_EQ(done->tokens[3].code, again ? OutcomeCode::none : OutcomeCode::taken_away) << again;
  }
}

TEST_F(StartJob, WhatAnotherProcessTookOverIsLeftToIt) {
  std::unique_ptr<JobStore> other;
  std::optional<Lease> its;
  microsoft.on_upload = [&] {
    clock.jump(kLeaseTime * 2);  // this one was stopped, and another came that could not see that it lives
    portal.offset -= kLeaseTime * 2;
    std::filesystem::remove(tenant.jobs_folder() / (id + ".lock"));
    auto opened = tenant.jobs();
    ASSERT_TRUE(opened) << opened.error().what;
    other = std::move(*opened);
    its = *other->claim(id);
  };
  const auto done = start();
  ASSERT_TRUE(done) << done.error().what;
  ASSERT_TRUE(done->stopped);
  EXPECT_TRUE(is_lease_lost(*done->stopped)) << done->stopped->what;
  ASSERT_TRUE(its);
  EXPECT_TRUE(other->heartbeat(*its)) << "it is the other's still";
}

TEST_F(StartJob, OneThatAnotherProcessDoesIsNotResumed) {
  microsoft.on_upload = [this] {
    auto store = tenant.jobs();
    ASSERT_TRUE(store);
    const auto refused = resume_job(tenant, **store, id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
  };
  const auto done = start();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), std::vector<State>(6, State::active));
}

TEST_F(StartJob, ASavedPlanIsAppliedAndNotResumed) {
  auto store = tenant.jobs();
  ASSERT_TRUE(store);
  Job plan = new_job(tenant, "apply", "list.csv");
  plan.state = Job::State::planned;
  ASSERT_TRUE((*store)->create(plan, six_to_import()));
  const auto refused = resume_job(tenant, **store, plan.id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().remedy, "Do it with: [[apply|" + plan.id + "]]");
  EXPECT_EQ(portal.uploads, 0);
}

TEST_F(StartJob, AnotherTenantsJobIsNotThisProfiles) {
  ASSERT_TRUE(start());
  auto profile = this->profile();
  profile.tenant = "99999999-2222-3333-4444-555555555555";
  Tenant other(profile, surroundings(&microsoft));
  auto store = other.jobs();
  ASSERT_TRUE(store);
  EXPECT_EQ(find_runnable_job(other, **store, id).error().code, Errc::invalid_input);
  EXPECT_EQ(find_runnable_job(tenant, **store, "ffffffff").error().code, Errc::not_found);
}

}  // namespace
}  // namespace portalkey::start_job_test
