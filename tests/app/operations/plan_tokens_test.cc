#include "app/operations/plan_tokens.h"

#include "tests/app/jobs_world.h"

namespace portalkey::plan_tokens_test {
namespace {

using State = TokenOutcome::State;
using States = std::vector<State>;

/// The tenant has T0009, and the file has T0001.
struct PlanTokens : testing::Test, JobsWorld {
  PlanTokens() {
    portal.tokens.push_back({"T0009", "zoe@contoso.com", "", "oath-9", 30, true});
    planning.seeds.file = seeds({row(1)});
    planning.prune = true;
  }
  Result<std::string> saved() {
    auto planned = plan_from_file(tenant, *tenant.open_tokens(), planning);
    if (!planned) return pass(planned);
    return save_plan(tenant, std::move(*planned), planning.seeds.file);
  }
  Result<JobOutcome> apply(const std::string& id, std::optional<std::size_t> most = {}) {
    auto store = tenant.jobs();
    return apply_plan(tenant, **store, id, most, {});
  }
  FilePlanning planning;
};

TEST_F(PlanTokens, AFileIsPlannedWithoutChangingAnything) {
  const auto planned = plan_from_file(tenant, *tenant.open_tokens(), planning);
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(planned->plan.changes.size(), 2u);
  EXPECT_EQ(planned->plan.taking(), 1u);
  EXPECT_EQ(portal.uploads + portal.removals, 0);
}

TEST_F(PlanTokens, AFileIsAppliedWithinTheLimitOnly) {
  const auto refused = apply_file(tenant, planning, 0, {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().what.contains("[[setting|max-delete|0]]")) << refused.error().what;
  EXPECT_EQ(portal.uploads + portal.removals, 0);
  const auto done = apply_file(tenant, planning, 1, {});
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::removed}));
}

TEST_F(PlanTokens, ARowThatCannotBeReadPrunesNothing) {
  planning.seeds.file = seeds({row(1), "zoe@contoso.com,T0009,1O1O,30,SHA1"});
  const auto refused = apply_file(tenant, planning, kMostTaken, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_input);
  EXPECT_TRUE(microsoft.portal.codes.empty());
}

TEST_F(PlanTokens, ASavedPlanIsDoneOnceAndWithoutItsFile) {
  const auto id = saved();
  ASSERT_TRUE(id) << id.error().what;
  std::filesystem::remove(planning.seeds.file);
  EXPECT_EQ(apply(*id, 0).error().code, Errc::invalid_input) << "fewer than it takes away";
  const auto done = apply(*id);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::removed}));
  EXPECT_EQ(apply(*id).error().remedy, "If something of it is left: [[resume-job|" + *id + "]]");
}

TEST_F(PlanTokens, ASavedPlanIsNotDoneWhereTheTenantHasChanged) {
  const auto id = saved();
  ASSERT_TRUE(id) << id.error().what;
  portal.tokens[0].upn = "ben@contoso.com";
  const auto refused = apply(*id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(portal.uploads + portal.removals, 0);
  EXPECT_EQ(journal().front().state, Job::State::planned);
}

}  // namespace
}  // namespace portalkey::plan_tokens_test
