#include "provision/survey.h"

#include <boost/json.hpp>

#include "provision/destroy.h"
#include "provision/names.h"
#include "tests/hostile_urls.h"
#include "tests/provision/provision_world.h"

namespace portalkey::survey_test {
namespace {

Desired wanted() {
  Desired desired;
  desired.profile = "default";
  desired.subscription = "s";
  desired.resource_group = "g";
  desired.vault = "My-Vault";
  return desired;
}

Result<void> read_vault(ProvisionWorld& world, const boost::json::object& answer, Actual& actual) {
  actual.group = ActualGroup{};
  world.http.answer(200, boost::json::serialize(answer));
  return read_part(Part::vault, world.azure, wanted(), actual);
}

boost::json::object vault(const std::string& url, const std::string& name = "my-vault",
                          const std::string& location = "westeurope") {
  return {{"name", name}, {"location", location}, {"properties", {{"vaultUri", url}}}};
}

TEST(Survey, AVaultsAddressIsItsNameInTheCloud) {
  for (const char* url : {"https://my-vault.vault.azure.net/", "https://MY-vault.vault.azure.net:443"}) {
    ProvisionWorld world;
    Actual actual;
    ASSERT_TRUE(read_vault(world, vault(url), actual)) << url;
    EXPECT_EQ(actual.vault->url, "https://my-vault.vault.azure.net");
  }
  auto urls = hostile_urls("my-vault.vault.azure.net", "/");
  for (const char* url : {"", "https://evil.example/", "https://evil.vault.azure.net/",
                          "https://my-vault.vault.azure.net.evil.example/", "https://my-vault.vault.azure.cn/"}) {
    urls.emplace_back(url);
  }
  for (const auto& url : urls) {
    ProvisionWorld world;
    Actual actual;
    const auto read = read_vault(world, vault(url), actual);
    ASSERT_FALSE(read) << url;
    EXPECT_EQ(read.error().code, Errc::unavailable) << url;
  }
}

TEST(Survey, AVaultOfAnotherNameOrPlaceIsAnothers) {
  ProvisionWorld world;
  Actual actual;
  for (const char* name : {"", "other", "my-vault/../other", "my-vault?x"})
    EXPECT_FALSE(read_vault(world, vault("https://my-vault.vault.azure.net/", name), actual)) << name;
  for (const char* place : {"", "../x", "west/europe", "west?europe", "west%2feurope"})
    EXPECT_FALSE(read_vault(world, vault("https://my-vault.vault.azure.net/", "my-vault", place), actual)) << place;
}

TEST(Survey, ASubscriptionsIdIsNoPath) {
  for (const auto& id : hostile_ids()) {
    ProvisionWorld world;
    world.http.answer(200,
                      boost::json::serialize(boost::json::object{
                          {"value", boost::json::array{boost::json::object{{"subscriptionId", id}, {"state", "Enabled"}}}}}));
    EXPECT_FALSE(find_subscription(world.azure, "")) << id;
  }
}

TEST(Destroy, ARoleAssignmentIsDeletedOnItsVaultOnly) {
  const std::string scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/my-vault";
  const auto plan_with = [&](ActualAssignment assignment) {
    ProvisionWorld world;
    Actual actual;
    actual.vault = ActualVault{};
    actual.vault->name = "my-vault";
    actual.app = ActualApp{};
    actual.app->marked = true;
    actual.app->object_id = "o";
    actual.assignments.push_back(std::move(assignment));
    return plan_destroy(world.azure, wanted(), actual, false);
  };
  const std::string role =
      "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/" + std::string(kSecretsOfficerRole);
  auto plan = plan_with({"/subscriptions/s/resourceGroups/precious", "n", scope, role});
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_FALSE(plan->removals.empty());
  EXPECT_EQ(plan->removals[0].path, scope + "/providers/Microsoft.Authorization/roleAssignments/n") << "not the answer's id";
  plan = plan_with({"", "n", scope + "2", role});
  ASSERT_TRUE(plan);
  EXPECT_NE(plan->removals.at(0).kind, Removal::Kind::role) << "another vault";
  for (const auto& id : hostile_ids()) EXPECT_FALSE(plan_with({"", id, scope, role})) << id;
}

}  // namespace
}  // namespace portalkey::survey_test
