#include "provision/plan.h"

#include <gtest/gtest.h>

namespace portalkey::plan_test {
namespace {

using State = Step::State;
const WallTime kNow = from_unix_seconds(1'767'225'600);
constexpr std::chrono::days kDay{1};

Desired wanted() {
  Desired desired;
  desired.subscription = "s";
  desired.tenant = "t";
  desired.host = "host";
  desired.installation = "id";
  desired.app_name = "portalkey-default";
  desired.credential_file = "/c/default-client-secret";
  return desired;
}

/// Everything as an apply of `wanted()` leaves it.
Actual complete() {
  Actual actual;
  actual.providers = {{"Microsoft.KeyVault", "Registered"}, {"Microsoft.Authorization", "Registered"}};
  actual.group = ActualGroup{"westeurope", {{"portalkey", "default"}}, "Succeeded"};
  actual.vault_name = "v";
  actual.vault = ActualVault{};
  actual.vault->name = "v";
  actual.vault->tenant = "t";
  actual.vault->location = "westeurope";
  actual.vault->rbac = actual.vault->soft_delete = actual.vault->purge_protection = true;
  actual.vault->retention_days = 90;
  actual.app = ActualApp{};
  actual.app->app_id = "a";
  actual.app->marked = true;
  actual.app->passwords = {{"k1", "portalkey host/default id", "abc", kNow + 300 * kDay}};
  actual.principal = "p";
  actual.local = LocalCredential{true, "", "abc", "", "", {}};
  actual.assignments = {
      {"id", "n", "/subscriptions/s/resourceGroups/portalkey/providers/Microsoft.KeyVault/vaults/v",
       "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5"}};
  return actual;
}

Step step_of(Part part, const Desired& desired, const Actual& actual) { return plan_step(part, desired, actual, kNow); }

TEST(Plan, NothingIsLeftToDoAfterAnApply) {
  const auto plan = make_plan(wanted(), complete(), kNow);
  EXPECT_EQ(plan.changes(), 0U);
  EXPECT_EQ(plan.blocked(), 0U);
}

TEST(Plan, AnEmptySubscriptionNeedsEverythingAndALocation) {
  Actual nothing;
  nothing.providers = {{"Microsoft.KeyVault", "NotRegistered"}};
  nothing.vault_name = "portalkey-0123456789ab";
  auto desired = wanted();
  EXPECT_EQ(step_of(Part::group, desired, nothing).state, State::cannot);
  desired.location = "westeurope";
  const auto plan = make_plan(desired, nothing, kNow);
  EXPECT_EQ(plan.changes(), 7U);
  EXPECT_EQ(plan.blocked(), 0U);
}

TEST(Plan, WhatIsFixedCannotChangeAndSaysWhy) {
  const struct {
    const char* why;
    void (*ask)(Desired&);
  } rows[] = {
      {"cannot move", [](Desired& d) { d.location = "northeurope"; }},
      {"retention was fixed", [](Desired& d) { d.retention_days = 7; }},
      {"never be switched off", [](Desired& d) { d.purge_protection = false; }},
      {"another tenant", [](Desired& d) { d.tenant = "other"; }},
  };
  for (const auto& row : rows) {
    auto desired = wanted();
    row.ask(desired);
    const auto step = step_of(Part::vault, desired, complete());
    EXPECT_EQ(step.state, State::cannot) << row.why;
    EXPECT_NE(step.why.find(row.why), std::string::npos) << step.why;
  }
}

TEST(Plan, WhatIsNotAskedForStaysAsItIs) {
  auto actual = complete();
  actual.vault->purge_protection = false;
  actual.vault->retention_days = 7;
  actual.vault->deny_by_default = true;
  actual.vault->addresses = {"203.0.113.5/32"};
  actual.vault->tags = {{"owner", "a"}};
  EXPECT_EQ(step_of(Part::vault, wanted(), actual).state, State::exists);
}

TEST(Plan, AddressesAreTheSameWithAndWithoutTheirLength) {
  auto actual = complete();
  actual.vault->deny_by_default = true;
  actual.vault->addresses = {"203.0.113.5/32", "198.51.100.0/24"};
  auto desired = wanted();
  desired.network = Network::restricted;
  desired.allowed_addresses = {"198.51.100.0/24", "203.0.113.5"};
  EXPECT_EQ(step_of(Part::vault, desired, actual).state, State::exists);
  desired.allowed_addresses = {"198.51.100.0/24"};
  const auto step = step_of(Part::vault, desired, actual);
  ASSERT_EQ(step.state, State::change);
  EXPECT_EQ(step.changes[0].from, "203.0.113.5/32, 198.51.100.0/24");
  EXPECT_EQ(step.changes[0].to, "198.51.100.0/24");
}

TEST(Plan, ADeletedVaultIsRecoveredOnlyWhenAsked) {
  auto actual = complete();
  actual.vault.reset();
  actual.name_refused = "in deleted state";
  actual.deleted_vault = DeletedVault{
      "v", "westeurope", "/subscriptions/s/resourceGroups/Portalkey/providers/Microsoft.KeyVault/vaults/v", "2026-03-01", true};
  auto desired = wanted();
  auto step = step_of(Part::vault, desired, actual);
  EXPECT_EQ(step.state, State::cannot);
  EXPECT_NE(step.why.find("[[setting|recover]]"), std::string::npos);
  desired.recover = true;
  EXPECT_EQ(step_of(Part::vault, desired, actual).state, State::create);
  actual.deleted_vault->id = "/subscriptions/s/resourceGroups/other/providers/Microsoft.KeyVault/vaults/v";
  EXPECT_EQ(step_of(Part::vault, desired, actual).state, State::cannot);
}

TEST(Plan, AnAppOfThatNameThatIsNotOursIsNotTouched) {
  auto actual = complete();
  actual.app.reset();
  actual.unmarked_apps = {"other"};
  auto step = step_of(Part::app, wanted(), actual);
  EXPECT_EQ(step.state, State::cannot);
  EXPECT_NE(step.why.find("other"), std::string::npos);
  actual.unmarked_apps.clear();
  actual.rival_apps = {"one", "two"};
  step = step_of(Part::app, wanted(), actual);
  EXPECT_EQ(step.state, State::cannot);
  EXPECT_NE(step.why.find("one, two"), std::string::npos);
}

TEST(Plan, AnAppThatWasNamedAndIsNotThereIsNotMade) {
  auto actual = complete();
  actual.app.reset();
  actual.app_missing = true;
  EXPECT_EQ(step_of(Part::app, wanted(), actual).state, State::cannot);
}

TEST(Plan, AccessPoliciesOfAVaultThatIsNotOursStay) {
  auto actual = complete();
  actual.vault->rbac = false;
  auto step = step_of(Part::vault, wanted(), actual);
  EXPECT_EQ(step.state, State::cannot);
  EXPECT_NE(step.why.find("az keyvault update --name v"), std::string::npos) << step.why;
  actual.vault->tags = {{"portalkey", "other"}};
  EXPECT_EQ(step_of(Part::vault, wanted(), actual).state, State::cannot);
  actual.vault->tags = {{"portalkey", "default"}};
  EXPECT_EQ(step_of(Part::vault, wanted(), actual).state, State::change);
}

TEST(Plan, AFederatedCredentialForAnotherAudienceIsNotTouched) {
  auto desired = wanted();
  desired.credential = AppCredential::federated;
  desired.federated_issuer = "https://i";
  desired.federated_subject = "s";
  desired.federated_audience = "ours";
  auto actual = complete();
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::create);
  actual.app->federated = {{"f", "theirs", "https://i", "s", {"other"}}};
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::cannot);
  actual.app->federated[0].audiences = {"ours"};
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::exists);
}

TEST(Plan, CredentialsOfOthersAreTold) {
  auto actual = complete();
  EXPECT_TRUE(foreign_credentials(wanted(), actual).empty());
  actual.app->passwords.push_back({"k2", "portalkey host/default other", "xyz", kNow + 300 * kDay});
  actual.app->keys.push_back({"k3", "CN=portalkey host/default id", "OLD", "", kNow});
  actual.app->keys.push_back({"k4", "CN=theirs", "DER", "", kNow});
  actual.app->federated.push_back({"f", "theirs", "https://i", "s", {"a"}});
  const std::vector<std::string> wanted_texts = {"secret k2 (portalkey host/default other)", "certificate k4 (CN=theirs)",
                                                 "federated credential theirs (s)"};
  EXPECT_EQ(foreign_credentials(wanted(), actual), wanted_texts);
}

TEST(Plan, ASecretIsRenewedThirtyDaysBeforeItEnds) {
  auto actual = complete();
  actual.app->passwords[0].ends = kNow + 31 * kDay;
  EXPECT_EQ(step_of(Part::credential, wanted(), actual).state, State::exists);
  actual.app->passwords[0].ends = kNow + 29 * kDay;
  EXPECT_EQ(step_of(Part::credential, wanted(), actual).state, State::change);
}

TEST(Plan, ASecretNobodyHoldsIsReplacedAndRemoved) {
  auto actual = complete();
  actual.local = {};
  const auto step = step_of(Part::credential, wanted(), actual);
  EXPECT_EQ(step.state, State::create);
  ASSERT_EQ(step.changes.size(), 1U);
  EXPECT_EQ(step.changes[0].from, "k1");
}

TEST(Plan, AnotherMachinesSecretIsLeftAlone) {
  auto actual = complete();
  actual.app->passwords.push_back({"k2", "portalkey elsewhere/default", "xyz", kNow + 300 * kDay});
  actual.app->passwords.push_back({"k3", "portalkey host/default other", "uvw", kNow + 300 * kDay});  // a like-named one
  EXPECT_EQ(step_of(Part::credential, wanted(), actual).state, State::exists);
}

TEST(Plan, ACertificateThatIsNotRegisteredIs) {
  auto actual = complete();
  auto desired = wanted();
  desired.credential = AppCredential::certificate;
  actual.local = LocalCredential{true, "", "", "DER", "THUMB", kNow + 300 * kDay};
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::change);
  actual.app->keys = {{"k", "CN", "DER", "", kNow + 300 * kDay}};
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::exists);
  actual.app->keys = {{"k", "CN", "", "THUMB", kNow + 300 * kDay}};
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::exists);
  actual.local.problem = "no key";
  EXPECT_EQ(step_of(Part::credential, desired, actual).state, State::cannot) << "a person's file is not overwritten";
}

TEST(Plan, ARoleFromAboveIsEnoughAndOneBesideIsNot) {
  auto actual = complete();
  actual.assignments[0].scope = "/subscriptions/S";
  EXPECT_EQ(step_of(Part::role, wanted(), actual).state, State::exists);
  actual.assignments[0].scope = "/subscriptions/s/resourceGroups/portal";
  EXPECT_EQ(step_of(Part::role, wanted(), actual).state, State::create);
  actual.assignments[0].scope =
      "/subscriptions/s/resourceGroups/portalkey/providers/Microsoft.KeyVault/vaults/v/secrets/RefreshToken";
  EXPECT_EQ(step_of(Part::role, wanted(), actual).state, State::create) << "one secret's role is not the vault's";
  auto desired = wanted();
  desired.role_scope = RoleScope::secret;
  EXPECT_EQ(step_of(Part::role, desired, actual).state, State::exists);
}

TEST(Plan, AppRolesHaveTheSameIdsInEveryTenant) {
  EXPECT_EQ(app_role_id("Tokens.Read"), app_role_id("Tokens.Read"));
  auto actual = complete();
  auto desired = wanted();
  desired.app_roles = true;
  EXPECT_EQ(step_of(Part::app, desired, actual).changes.size(), app_roles().size() + 1) << "the roles and the identifier URI";
}

}  // namespace
}  // namespace portalkey::plan_test
