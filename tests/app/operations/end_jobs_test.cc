#include "app/operations/end_jobs.h"

#include "app/operations/job_rows.h"
#include "app/operations/start_job.h"
#include "tests/app/jobs_world.h"

namespace portalkey::end_jobs_test {
namespace {

using State = TokenOutcome::State;

struct EndJobs : testing::Test, JobsWorld {
  EndJobs() : store(*tenant.jobs()), other(*tenant.jobs()) {}

  static std::vector<JobToken> rows(TokenChange change = TokenChange::create) {
    TokenSeed seed;
    seed.serial = "T1";
    seed.upn = "anna@contoso.com";
    seed.step = 30;
    if (change == TokenChange::create) seed.base32 = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    std::vector<JobToken> out;
    out.push_back(job_token(change, std::move(seed)));
    return out;
  }
  std::string created(TokenChange change = TokenChange::create) {
    const Job job = new_job(tenant, "import", "seeds.csv");
    EXPECT_TRUE(store->create(job, rows(change)));
    return job.id;
  }
  std::string ended(Job::State state, TokenChange change = TokenChange::create, State became = State::active) {
    const auto id = created(change);
    const auto lease = *store->claim(id);
    TokenOutcome outcome = rows(change).front().outcome;
    outcome.state = became;
    outcome.settled = clock.now();
    EXPECT_TRUE(store->settle(lease, 0, outcome));
    EXPECT_TRUE(store->finish(lease, state));
    return id;
  }
  bool has_key(const std::string& id) { return !store->load(id)->tokens.front().seed.base32.empty(); }

  std::unique_ptr<JobStore> store, other;
};

TEST_F(EndJobs, ACancelledOneKeepsItsRecordAndNoKey) {
  const auto id = created();
  EXPECT_TRUE(has_key(id));
  const auto cancelled = cancel_job(tenant, *store, {.id = id});
  ASSERT_TRUE(cancelled) << cancelled.error().what;
  EXPECT_FALSE(cancelled->was_running);
  EXPECT_EQ(store->find(id)->state, Job::State::cancelled);
  EXPECT_FALSE(has_key(id));
  EXPECT_TRUE(cancel_job(tenant, *store, {.id = id})) << "it is what was asked for";
}

TEST_F(EndJobs, OneThatIsDoneIsNotCancelledAndNotHeld) {
  const auto id = ended(Job::State::done);
  const auto refused = cancel_job(tenant, *store, {.id = id});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_input);
  EXPECT_EQ(refused.error().remedy, "[[forget-job|" + id + "]] removes its record.");
  EXPECT_EQ(store->find(id)->state, Job::State::done);
  EXPECT_TRUE(other->claim(id)) << "what was claimed was given back";
}

TEST_F(EndJobs, WhoRunsItIsAskedToStopAndWaitedFor) {
  const auto id = created();
  const Lease its = *other->claim(id);
  bool asked = false;
  person.on_phase = [&](std::string_view what) {
    EXPECT_EQ(what, "waiting for the process that runs the job to stop");
    asked = *other->heartbeat(its);
    EXPECT_TRUE(other->finish(its, Job::State::open));
  };
  const auto cancelled = cancel_job(tenant, *store, {.id = id});
  ASSERT_TRUE(cancelled) << cancelled.error().what;
  EXPECT_TRUE(asked);
  EXPECT_TRUE(cancelled->was_running);
  EXPECT_EQ(store->find(id)->state, Job::State::cancelled);
}

TEST_F(EndJobs, WhatIsDoneBeforeItStopsIsNotCancelled) {
  const auto id = created();
  const Lease its = *other->claim(id);
  person.on_phase = [&](std::string_view) { EXPECT_TRUE(other->finish(its, Job::State::done)); };
  EXPECT_EQ(cancel_job(tenant, *store, {.id = id}).error().code, Errc::invalid_input);
  EXPECT_EQ(store->find(id)->state, Job::State::done);
}

TEST_F(EndJobs, WhoDoesNotStopKeepsItAndStaysAskedTo) {
  const auto id = created();
  const Lease its = *other->claim(id);
  const auto begun = clock.steady_now();
  const auto refused = cancel_job(tenant, *store, {.id = id, .patience = std::chrono::seconds(20)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().remedy.find("[[cancel-job|" + id + "]]"), std::string::npos) << refused.error().remedy;
  EXPECT_GE(clock.steady_now() - begun, std::chrono::seconds(20));
  EXPECT_TRUE(*other->heartbeat(its));
  EXPECT_TRUE(has_key(id));
}

TEST_F(EndJobs, WhoWaitsMayBreakOff) {
  const auto id = created();
  const Lease its = *other->claim(id);
  interrupt.request_stop();
  EXPECT_EQ(cancel_job(tenant, *store, {.id = id}).error().code, Errc::cancelled);
  EXPECT_TRUE(*other->heartbeat(its));
}

TEST_F(EndJobs, ARunObeysAndWhatItDidIsKept) {
  std::string id;
  portal.on_enable = [&] {
    if (!portal.codes.empty()) return;
    EXPECT_EQ(cancel_job(tenant, *other, {.id = id, .patience = std::chrono::seconds(0)}).error().code, Errc::conflict);
  };
  std::vector<JobToken> tokens;
  for (int i = 0; i < 2; ++i) {
    tokens.push_back(std::move(rows().front()));
    auto& seed = tokens.back().seed;
    seed.serial = tokens.back().outcome.serial = i == 0 ? "T1" : "T2";
    if (i == 1) seed.base32 = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ");
  }
  JobTerms terms;
  terms.journaled = [&](const std::string& known) { id = known; };
  auto profile = this->profile();
  profile.activations = 1;
  Tenant slow(profile, around());
  const auto done = start_job(slow, *slow.open_tokens(), new_job(slow, "import", ""), std::move(tokens), terms);
  ASSERT_TRUE(done) << done.error().what;
  ASSERT_TRUE(done->stopped);
  EXPECT_EQ(done->stopped->what, "another process asked this job to stop");
  EXPECT_EQ(states(done->tokens), (std::vector<State>{State::active, State::not_done}));
  EXPECT_TRUE(cancel_job(tenant, *other, {.id = id}));
  EXPECT_EQ(store->find(id)->state, Job::State::cancelled);
  EXPECT_EQ(store->find(id)->good, 1u);
}

TEST_F(EndJobs, AForgottenOneLeavesNothing) {
  const auto id = ended(Job::State::done);
  const auto forgotten = forget_job(*store, id);
  ASSERT_TRUE(forgotten) << forgotten.error().what;
  EXPECT_EQ(forgotten->taken_away, 0u);
  EXPECT_TRUE(journal().empty());
  EXPECT_EQ(forget_job(*store, id).error().code, Errc::not_found);
}

TEST_F(EndJobs, WhatOnlyItKnewOfTokensTakenAwayIsTold) {
  EXPECT_EQ(forget_job(*store, ended(Job::State::done, TokenChange::remove, State::removed))->taken_away, 1u);
}

TEST_F(EndJobs, OneThatRunsIsNotForgotten) {
  const auto id = created();
  const Lease its = *other->claim(id);
  EXPECT_EQ(forget_job(*store, id).error().code, Errc::conflict);
  EXPECT_FALSE(*other->heartbeat(its)) << "nor asked to stop";
}

TEST_F(EndJobs, OnlyWhatEndedLongAgoIsPruned) {
  const auto unfinished = ended(Job::State::open);
  const auto cancelled = ended(Job::State::cancelled);
  const auto done = ended(Job::State::done);
  const auto removal = ended(Job::State::done, TokenChange::remove, State::removed);
  clock.advance(std::chrono::hours(48));
  const auto young = ended(Job::State::done, TokenChange::create, State::failed);
  const auto ids = [](const std::vector<Job>& jobs) {
    std::vector<std::string> out;
    for (const auto& job : jobs) out.push_back(job.id);
    return out;
  };
  JobPruning wanted;
  wanted.older_than = std::chrono::hours(24);
  wanted.dry_run = true;
  const auto would = prune_jobs(tenant, *store, wanted);
  ASSERT_TRUE(would) << would.error().what;
  EXPECT_EQ(ids(would->forgotten), (std::vector<std::string>{done, cancelled}));
  EXPECT_EQ(journal().size(), 5u);
  wanted.dry_run = false;
  const auto pruned = prune_jobs(tenant, *store, wanted);
  ASSERT_TRUE(pruned) << pruned.error().what;
  EXPECT_EQ(ids(pruned->forgotten), ids(would->forgotten));
  EXPECT_EQ(pruned->kept_unfinished, 1u);
  EXPECT_EQ(pruned->kept_removals, 1u);
  EXPECT_EQ(ids(journal()), (std::vector<std::string>{young, removal, unfinished}));
  wanted.with_removals = true;
  EXPECT_EQ(ids(prune_jobs(tenant, *store, wanted)->forgotten), std::vector<std::string>{removal});
}

TEST_F(EndJobs, WhatStopsThePruningLeavesWhatWasForgotten) {
  const auto first = ended(Job::State::done), second = ended(Job::State::done);  // pruned newest first
  clock.advance(std::chrono::hours(48));
  const auto its = other->claim(first);  // it is resumed
  ASSERT_TRUE(its);
  const auto pruned = prune_jobs(tenant, *store, {.older_than = std::chrono::hours(24)});
  ASSERT_TRUE(pruned) << pruned.error().what;
  ASSERT_EQ(pruned->forgotten.size(), 1u);
  EXPECT_EQ(pruned->forgotten.front().id, second);
  ASSERT_TRUE(pruned->stopped);
  EXPECT_EQ(pruned->stopped->code, Errc::conflict);
}

}  // namespace
}  // namespace portalkey::end_jobs_test
