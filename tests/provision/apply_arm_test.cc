#include "provision/apply_arm.h"

#include <boost/json.hpp>

#include "provision/names.h"
#include "tests/provision/provision_world.h"

namespace portalkey::apply_arm_test {
namespace {

constexpr const char* kNotFound =
    R"({"error":{"code":"PrincipalNotFound","message":"Principal p does not exist in the directory t."}})";

Desired wanted() {
  Desired desired;
  desired.subscription = "s";
  desired.tenant = "t";
  desired.location = "westeurope";
  return desired;
}

TEST(AssignRole, AFreshPrincipalIsWaitedFor) {
  ProvisionWorld world;
  world.http.answer(400, kNotFound).answer(400, kNotFound).answer(201, "{}");
  auto done = assign_role(world.azure, wanted(), "/scope", "p", "ServicePrincipal");
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(world.http.sent[0].url, world.http.sent[2].url) << "the name is the same each time";
  EXPECT_NE(world.http.sent[0].body.find(R"("principalType":"ServicePrincipal")"), std::string::npos);
}

TEST(AssignRole, APrincipalThatNeverComesIsAnErrorAfterTwoMinutes) {
  ProvisionWorld world;
  for (int i = 0; i < 12; ++i) world.http.answer(400, kNotFound);
  const auto start = world.clock.steady_now();
  auto done = assign_role(world.azure, wanted(), "/scope", "p", "ServicePrincipal");
  ASSERT_FALSE(done);
  EXPECT_LE(world.clock.steady_now() - start, std::chrono::minutes(2));
}

TEST(AssignRole, TheSameAssignmentUnderAnotherNameIsSuccess) {
  ProvisionWorld world;
  world.http.answer(409, R"({"error":{"code":"RoleAssignmentExists","message":"The role assignment already exists."}})");
  EXPECT_TRUE(assign_role(world.azure, wanted(), "/scope", "p", "ServicePrincipal"));
}

TEST(AssignRole, WhoMayNotIsToldTheCommandForSomebodyElse) {
  ProvisionWorld world;
  world.http.answer(403, R"({"error":{"code":"AuthorizationFailed","message":"The client does not have authorization"}})");
  auto done = assign_role(world.azure, wanted(), "/scope", "p", "ServicePrincipal");
  ASSERT_FALSE(done);
  EXPECT_NE(
      done.error().remedy.find("az role assignment create --assignee p --role \"Key Vault Secrets Officer\" --scope /scope"),
      std::string::npos)
      << done.error().remedy;
}

TEST(ApplyVault, OnlyWhatDiffersIsPatchedAndOtherTagsStay) {
  ProvisionWorld world;
  world.http.answer(200, R"({"properties":{"provisioningState":"Succeeded"}})");
  Desired desired = wanted();
  desired.tags = {{"cost", "42"}};
  Actual actual;
  actual.vault_name = "v";
  actual.vault = ActualVault{};
  actual.vault->rbac = false;
  actual.vault->soft_delete = true;
  actual.vault->tags = {{"owner", "a"}};
  ASSERT_TRUE(apply_vault(world.azure, desired, actual));
  EXPECT_EQ(world.http.sent[0].method, "PATCH");
  EXPECT_EQ(boost::json::parse(world.http.sent[0].body),
            boost::json::parse(R"({"tags":{"cost":"42","owner":"a"},"properties":{"enableRbacAuthorization":true}})"));
}

TEST(ApplyVault, SubnetsThatAreLetInStay) {
  ProvisionWorld world;
  world.http.answer(200, R"({"properties":{"provisioningState":"Succeeded"}})");
  Desired desired = wanted();
  desired.network = Network::restricted;
  desired.allowed_addresses = {"203.0.113.0/24"};
  Actual actual;
  actual.vault_name = "v";
  actual.vault = ActualVault{};
  actual.vault->rbac = actual.vault->soft_delete = true;
  actual.vault->virtual_networks = {{"/subnets/one", false}, {"/subnets/two", true}};
  ASSERT_TRUE(apply_vault(world.azure, desired, actual));
  const auto body = boost::json::parse(world.http.sent[0].body);
  EXPECT_EQ(*find_at(body, {"properties", "networkAcls", "virtualNetworkRules"}),
            boost::json::parse(R"([{"id":"/subnets/one"},{"id":"/subnets/two","ignoreMissingVnetServiceEndpoint":true}])"));
}

TEST(ApplyVault, PurgeProtectionIsTrueOrAbsent) {
  for (const bool on : {true, false}) {
    ProvisionWorld world;
    world.http.answer(200, R"({"properties":{"provisioningState":"Succeeded"}})");
    Desired desired = wanted();
    desired.purge_protection = on;
    Actual actual;
    actual.vault_name = "v";
    actual.group = ActualGroup{"westeurope", {}, ""};
    ASSERT_TRUE(apply_vault(world.azure, desired, actual));
    const auto body = boost::json::parse(world.http.sent[0].body);
    const auto* protection = find_at(body, {"properties", "enablePurgeProtection"});
    EXPECT_EQ(protection != nullptr, on);
    EXPECT_EQ(*find_at(body, {"properties", "enableRbacAuthorization"}), true);
  }
}

TEST(ApplyVault, AProviderRegisteredAMomentAgoIsWaitedFor) {
  ProvisionWorld world;
  world.http.answer(409, R"({"error":{"code":"MissingSubscriptionRegistration","message":"x"}})")
      .answer(201, R"({"properties":{"provisioningState":"Succeeded"}})");
  Actual actual;
  actual.vault_name = "v";
  actual.group = ActualGroup{"westeurope", {}, ""};
  EXPECT_TRUE(apply_vault(world.azure, wanted(), actual));
}

}  // namespace
}  // namespace portalkey::apply_arm_test
