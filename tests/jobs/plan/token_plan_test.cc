#include "jobs/plan/token_plan.h"

#include "tests/jobs/fake_portal.h"

namespace portalkey::token_plan_test {
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
  EXPECT_NE(plan.impossible[0].remedy.find("[[setting|again]]"), std::string::npos);
}

TEST_F(TokenPlanTest, AMemberWithAGuestsNameGetsATokenWhereThatIsKnown) {
  file[0].upn = "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com";
  EXPECT_EQ(plan_tokens(std::span(file).first(1), tenant, tokens, {}).impossible.size(), 1u);
  PlanRules known;
  known.members = {"anna_fabrikam.com#ext#@contoso.onmicrosoft.com"};
  EXPECT_EQ(plan_tokens(std::span(file).first(1), tenant, tokens, known).changes.size(), 1u);
}

/// A list of tokens and people holds no keys.
TokenSeed without_key(std::int64_t line, std::string serial, std::string upn) {
  TokenSeed seed;
  seed.line = line;
  seed.serial = std::move(serial);
  seed.upn = std::move(upn);
  return seed;
}

std::string reasons(const TokenPlan& plan) {
  std::string text;
  for (const auto& row : plan.impossible) text += row.serial + ": " + row.reason + "\n";
  return text;
}

TEST_F(TokenPlanTest, WhatTheTenantHasNeedsNoKey) {
  have("1", "anna@contoso.com", true);
  have("2", "bob@contoso.com", false);
  std::vector<TokenSeed> list;
  list.push_back(without_key(2, "1", "ANNA@contoso.com"));
  list.push_back(without_key(3, "2", "bob@contoso.com"));
  list.push_back(without_key(4, "3", "carl@contoso.com"));
  const auto plan = plan_tokens(list, tenant, tokens, {});
  EXPECT_TRUE(plan.changes.empty());
  ASSERT_EQ(plan.unchanged.size(), 2u);
  EXPECT_EQ(plan.unchanged[0].state, TokenOutcome::State::already_active);
  EXPECT_EQ(plan.unchanged[1].state, TokenOutcome::State::already_uploaded);
  EXPECT_NE(plan.unchanged[1].reason.find("not activated"), std::string::npos);
  EXPECT_EQ(reasons(plan), "3: the tenant has no token with this serial number, and the file does not have its secret key\n");
}

TEST_F(TokenPlanTest, ThePortalGivesNoTokenToSomebodyElseWithoutItsKey) {
  have("1", "zoe@contoso.com", true);
  std::vector<TokenSeed> list;
  list.push_back(without_key(2, "1", "anna@contoso.com"));
  const auto plan = plan_tokens(list, tenant, tokens, pruning());
  EXPECT_TRUE(plan.changes.empty()) << "it is not deleted either";
  EXPECT_NE(reasons(plan).find("assigned to zoe@contoso.com"), std::string::npos) << reasons(plan);
}

TEST_F(TokenPlanTest, ATokenThatARowNearlyNamesIsNotDeleted) {
  have("00123", "anna@contoso.com", true);
  have("AB-7", "bob@contoso.com", true);
  have("old", "carl@contoso.com", true);
  std::vector<TokenSeed> list;
  list.push_back(without_key(2, "123", "anna@contoso.com"));
  list.push_back(without_key(3, "ab-7", "bob@contoso.com"));
  const auto plan = plan_tokens(list, tenant, tokens, pruning());
  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_EQ(plan.changes[0].serial, "old");
  EXPECT_NE(reasons(plan).find("it has 00123"), std::string::npos) << reasons(plan);
  ASSERT_EQ(plan.unchanged.size(), 1u);
  EXPECT_EQ(plan.unchanged[0].serial, "AB-7") << "as the tenant writes it";
}

TEST_F(TokenPlanTest, RowsWithoutKeysThatGiveATokenToTwoUsersAreNotTaken) {
  have(file[0].serial, file[0].upn, true);
  have("9", "zoe@contoso.com", true);
  std::vector<TokenSeed> rows = std::move(file);
  rows.push_back(without_key(9, rows[0].serial, "somebody.else@contoso.com"));
  rows.push_back(without_key(10, "9", "zoe@contoso.com"));
  rows.push_back(without_key(11, "9", "Zoe@contoso.com"));
  const auto plan = plan_tokens(rows, tenant, tokens, {});
  EXPECT_EQ(reasons(plan), fmt::format("{0}: lines 2 and 9 give this token to different users\n"
                                       "{0}: lines 2 and 9 give this token to different users\n",
                                       rows[0].serial));
  EXPECT_EQ(plan.unchanged.size(), 1u);
}

}  // namespace
}  // namespace portalkey::token_plan_test
