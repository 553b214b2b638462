#include "app/operations/assign_tokens.h"

#include "tests/app/jobs_world.h"

namespace portalkey::assign_tokens_test {
namespace {

using State = TokenOutcome::State;
using States = std::vector<State>;

struct TokensOfUsers : testing::Test, JobsWorld {
  TokensOfUsers() {
    portal.tokens.push_back({"T1", "anna@contoso.com", "", "oath-1", 30, true});
    portal.tokens.push_back({"T2", "anna@contoso.com", "", "oath-2", 30, true});
    portal.tokens.push_back({"T3", "ben@contoso.com", "", "oath-3", 30, true});
  }
};

TEST_F(TokensOfUsers, AreRemovedBySerialNumberEachOnce) {
  TokensToTake wanted;
  wanted.named.serials = {"t1", "T1", "T9"};
  const auto done = remove_tokens(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::removed, State::rejected}));
  EXPECT_EQ(done->tokens[0].serial, "T1");
  EXPECT_EQ(done->tokens[0].upn, "anna@contoso.com");
  EXPECT_EQ(done->tokens[1].code, OutcomeCode::not_in_tenant);
  EXPECT_EQ(done->job.kind, "remove");
  EXPECT_EQ(portal.tokens.size(), 2u);
  EXPECT_EQ(tenant.taken_away()->count("t1"), 1u);
  EXPECT_EQ(person.seen, std::vector<std::string>{"warning: t1 is taken for T1, as the tenant writes it"});
}

TEST_F(TokensOfUsers, SomebodyElsesIsLeftAlone) {
  TokensToTake wanted;
  wanted.named.serials = {"T3"};
  wanted.named.user = "anna@contoso.com";
  const auto done = remove_tokens(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::rejected});
  EXPECT_EQ(done->tokens[0].code, OutcomeCode::assigned_to_other);
  EXPECT_EQ(portal.removals, 0);
}

TEST_F(TokensOfUsers, AUsersSeveralAreTakenOnlyIfAllAreMeant) {
  TokensToTake wanted;
  wanted.named.user = "anna@contoso.com";
  const auto refused = remove_tokens(tenant, wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_input);
  EXPECT_EQ(refused.error().remedy, "Name the serial numbers, or take them all with [[setting|all]].");
  wanted.named.all = true;
  const auto done = remove_tokens(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::removed, State::removed}));
}

TEST_F(TokensOfUsers, WhoeverMustAgreeIsShownTheRowsFirst) {
  TokensToTake wanted;
  wanted.named.serials = {"T3"};
  wanted.terms.agree = [](const std::vector<JobToken>& tokens) -> Result<void> {
    EXPECT_EQ(tokens.at(0).from, "ben@contoso.com");
    return fail(Errc::cancelled, "no");
  };
  EXPECT_EQ(remove_tokens(tenant, wanted).error().code, Errc::cancelled);
  EXPECT_EQ(portal.removals, 0);
}

TEST_F(TokensOfUsers, ThePortalNeitherAssignsNorUnassigns) {
  const auto assigned = assign_tokens(tenant, {"T1", "ben@contoso.com", "", {}, {}});
  ASSERT_FALSE(assigned);
  EXPECT_EQ(assigned.error().code, Errc::invalid_input);
  EXPECT_TRUE(assigned.error().remedy.contains("[[setting|backend|graph]]")) << assigned.error().remedy;
  EXPECT_EQ(unassign_tokens(tenant, {}).error().code, Errc::invalid_input);
}

TEST(AssignTokens, WhatTheTenantDoesNotHaveIsRefusedAndNothingKept) {
  JobsWorld world(Backend::graph);
  const auto done = assign_tokens(world.tenant, {"T1", "ben@contoso.com", "", {}, {}});
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::rejected});
  EXPECT_EQ(done->tokens[0].remedy, "Correct the serial number, or import it with its seed file: [[import|FILE]]");
  EXPECT_FALSE(done->kept);
}

}  // namespace
}  // namespace portalkey::assign_tokens_test
