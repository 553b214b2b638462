#include "jobs/token_plan.h"

#include "tests/jobs/fake_portal.h"

namespace portalkey {
namespace {

struct TokenPlanTest : testing::Test, JobWorld {
  std::vector<TokenSeed> file = seeds(3);
  std::vector<TenantToken> tenant;

  static PlanRules pruning() {
    PlanRules rules;
    rules.prune = true;
    return rules;
  }

  void have(std::string serial, std::string upn, bool active) {
    TenantToken token;
    token.oath_id = "oath-" + serial;
    token.user_id = "id-" + upn;
    token.serial = std::move(serial);
    token.upn = std::move(upn);
    token.active = active;
    tenant.push_back(std::move(token));
  }
};

TEST_F(TokenPlanTest, EachChangeIsARowOfTheJob) {
  have(file[0].serial, file[0].upn, true);
  have(file[1].serial, "zoe@contoso.com", true);
  have("old", file[2].upn, true);
  const auto plan = plan_tokens(file, tenant, tokens, pruning());
  const auto rows = job_tokens(plan, file);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].change, TokenChange::reassign);
  EXPECT_EQ(rows[0].from, "zoe@contoso.com");
  EXPECT_FALSE(rows[0].seed.base32.empty());
  EXPECT_EQ(rows[1].change, TokenChange::create);
  EXPECT_EQ(rows[2].change, TokenChange::remove);
  EXPECT_EQ(rows[2].replaced_by, rows[1].outcome.serial);
  EXPECT_TRUE(rows[2].seed.base32.empty());
  EXPECT_EQ(rows[3].outcome.state, TokenOutcome::State::already_active);
  EXPECT_EQ(changed_since(rows, tenant), "");
}

TEST_F(TokenPlanTest, ATenantThatChangedIsNoticed) {
  have(file[1].serial, "zoe@contoso.com", true);
  have("old", "hugo@contoso.com", true);
  const auto rows = job_tokens(plan_tokens(file, tenant, tokens, pruning()), file);
  ASSERT_EQ(changed_since(rows, tenant), "");
  auto moved = tenant;
  moved[1].upn = "helga@contoso.com";
  EXPECT_EQ(changed_since(rows, moved), "the plan was to delete old, but it is of helga@contoso.com now, active");
  auto gone = tenant;
  gone.pop_back();
  EXPECT_EQ(changed_since(rows, gone), "the plan was to delete old, but it is not in the tenant any more");
  auto created = tenant;
  created.push_back(tenant[1]);
  created.back().serial = rows[0].outcome.serial;
  EXPECT_NE(changed_since(rows, created), "");
}

TEST_F(TokenPlanTest, WhatWasTakenAwayComesBackOnlyWhereSomebodyHasItAlready) {
  PlanRules rules;
  for (const auto& seed : file) {
    rules.not_again[seed.serial] = {.serial = seed.serial,
                                    .job = "20260131-abcd",
                                    .from = "zoe@contoso.com",
                                    .replaced_by = "",
                                    .kept = false,
                                    .when = from_unix_seconds(1'769'860'800)};
  }
  have(file[1].serial, file[1].upn, false);  // somebody else put it back since
  const auto plan = plan_tokens(std::span(file).first(2), tenant, tokens, rules);
  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_EQ(plan.changes[0].change, TokenChange::activate);
  ASSERT_EQ(plan.impossible.size(), 1u);
  EXPECT_EQ(plan.impossible[0].reason, "was removed from zoe@contoso.com on 2026-01-31 (job 20260131-abcd)");
  EXPECT_NE(plan.impossible[0].remedy.find("--again"), std::string::npos);
}

TEST_F(TokenPlanTest, AMemberWithAGuestsNameGetsATokenWhereThatIsKnown) {
  file[0].upn = "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com";
  EXPECT_EQ(plan_tokens(std::span(file).first(1), tenant, tokens, {}).impossible.size(), 1u);
  PlanRules known;
  known.members = {"anna_fabrikam.com#ext#@contoso.onmicrosoft.com"};
  EXPECT_EQ(plan_tokens(std::span(file).first(1), tenant, tokens, known).changes.size(), 1u);
}

}  // namespace
}  // namespace portalkey
