#include "provision/export.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace portalkey::export_test {
namespace {

namespace json = boost::json;

const json::object& vault_in(const json::value& main) {
  return main.at("resources").at(1).at("properties").at("template").at("resources").at(0).as_object();
}

TEST(Export, TheArmTemplateMakesGroupVaultAndRole) {
  Desired desired;
  desired.vault = "contoso-kv";
  desired.network = Network::restricted;
  desired.allowed_addresses = {"203.0.113.0/24"};
  const auto files = export_arm(desired);
  const auto main = json::parse(files.at("main.json"));
  const auto& properties = vault_in(main).at("properties");
  EXPECT_EQ(properties.at("enableRbacAuthorization"), true);
  EXPECT_EQ(properties.at("enablePurgeProtection"), true);
  EXPECT_EQ(properties.at("networkAcls").at("defaultAction"), "Deny");
  EXPECT_EQ(properties.at("networkAcls").at("ipRules").at(0).at("value"), "203.0.113.0/24");
  EXPECT_EQ(properties.at("tenantId"), "[subscription().tenantId]");
  const auto parameters = json::parse(files.at("main.parameters.json")).at("parameters");
  EXPECT_EQ(parameters.at("vaultName").at("value"), "contoso-kv");
}

TEST(Export, WithoutPurgeProtectionThePropertyIsAbsentEverywhere) {
  Desired desired;
  desired.purge_protection = false;
  EXPECT_EQ(
      vault_in(json::parse(export_arm(desired).at("main.json"))).at("properties").as_object().count("enablePurgeProtection"),
      0U);
  EXPECT_EQ(export_bicep(desired).at("vault.bicep").find("enablePurgeProtection"), std::string::npos);
}

TEST(Export, TextsAreQuotedForBicepAndForTheShell) {
  Desired desired;
  desired.tags = {{"owner", "O'Neill ${x}"}};
  desired.app_name = "it's";
  const auto files = export_bicep(desired);
  EXPECT_NE(files.at("main.bicep").find("'owner': 'O\\'Neill \\${x}'"), std::string::npos) << files.at("main.bicep");
  EXPECT_NE(files.at("create-app.sh").find("name='it'\\''s'"), std::string::npos) << files.at("create-app.sh");
}

TEST(Export, TheRoleIsOnTheSecretIfAskedFor) {
  Desired desired;
  desired.role_scope = RoleScope::secret;
  EXPECT_NE(export_bicep(desired).at("vault.bicep").find("scope: secret"), std::string::npos);
  EXPECT_NE(export_arm(desired).at("main.json").find("/secrets/{1}"), std::string::npos);
}

}  // namespace
}  // namespace portalkey::export_test
