#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

class ArmVaults : public ArmTest {
 protected:
  std::string deleted(std::string_view name) {
    return sub() + "/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/" + std::string(name);
  }
};

TEST_F(ArmVaults, AreMadeWhenTheirNameIsInDns) {
  const auto made =
      call("PUT", vault("New-Vault"),
           vault_body(R"("enableRbacAuthorization":true,"softDeleteRetentionInDays":7,"enablePurgeProtection":true)"));
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(at(made, "properties.provisioningState"), "RegisteringDns");
  EXPECT_EQ(made.header("retry-after"), "1");
  EXPECT_EQ(at(made, "properties.enableSoftDelete"), true);
  EXPECT_EQ(at(made, "systemData.createdBy"), "admin@contoso.com");
  const std::string data = "https://new-vault.vault.azure.net/secrets?api-version=7.4";
  EXPECT_EQ(send("GET", data).status, 404) << "its name does not resolve yet";
  EXPECT_EQ(at(get(vault("new-vault")), "properties.provisioningState"), "RegisteringDns");
  EXPECT_EQ(at(get(vault("new-vault")), "properties.provisioningState"), "Succeeded");
  EXPECT_EQ(send("GET", data).status, 401);
  EXPECT_EQ(count_of(get(group() + "/providers/Microsoft.KeyVault/vaults")), 2u);
  EXPECT_EQ(count_of(get(sub() + "/providers/Microsoft.KeyVault/vaults")), 2u);
}

TEST_F(ArmVaults, NeedARegisteredProviderAndAGroup) {
  start_empty();
  const auto unregistered = call("PUT", vault("new-vault", "rg"), vault_body());
  EXPECT_EQ(unregistered.status, 409);
  EXPECT_EQ(code_of(unregistered), "MissingSubscriptionRegistration");
  EXPECT_EQ(at(unregistered, "error.details").get_array().at(0).at("target"), "Microsoft.KeyVault");
  call("POST", sub() + "/providers/Microsoft.KeyVault/register");
  get(sub() + "/providers/Microsoft.KeyVault");
  EXPECT_EQ(code_of(call("PUT", vault("new-vault", "rg"), vault_body())), "ResourceGroupNotFound");
  call("PUT", group("rg"), R"({"location":"eastus"})");
  EXPECT_EQ(call("PUT", vault("new-vault", "rg"), vault_body()).status, 200);
}

TEST_F(ArmVaults, RefuseWhatTheServiceRefuses) {
  struct Row {
    std::string name, body;
    int status;
    std::string_view code, says;
  };
  const Row rows[] = {
      {"ab", vault_body(), 400, "VaultNameNotValid", ""},
      {"1vault", vault_body(), 400, "VaultNameNotValid", ""},
      {"my--vault", vault_body(), 400, "VaultNameNotValid", ""},
      {"vault-", vault_body(), 400, "VaultNameNotValid", ""},
      {"my.vault", vault_body(), 400, "VaultNameNotValid", ""},
      {std::string(25, 'a'), vault_body(), 400, "VaultNameNotValid", ""},
      {"new-vault", vault_body(R"("enableSoftDelete":false)"), 400, "BadRequest",
       "can be set to false only for creating new vault"},
      {"new-vault", vault_body(R"("enablePurgeProtection":false)"), 400, "BadRequest", "cannot be set to false"},
      {"new-vault", vault_body(R"("softDeleteRetentionInDays":6)"), 400, "BadRequest", "softDeleteRetentionInDays"},
      {"new-vault", vault_body(R"("softDeleteRetentionInDays":91)"), 400, "BadRequest", "softDeleteRetentionInDays"},
      {"new-vault", vault_body(R"("networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"here"}]})"), 400, "BadRequest",
       "ipRules"},
      {"new-vault", vault_body(R"("publicNetworkAccess":"Perhaps")"), 400, "BadRequest", "publicNetworkAccess"},
      {"new-vault",
       R"({"location":"westeurope","properties":{"tenantId":")" + tenant() + R"(","sku":{"family":"A","name":"standard"}}})",
       400, "BadRequest", "accessPolicies"},
      {"new-vault",
       R"({"location":"westeurope","properties":{"tenantId":"x","sku":{"family":"A","name":"standard"},"accessPolicies":[]}})",
       400, "BadRequest", "tenantId"},
      {"new-vault", R"({"location":"westeurope"})", 400, "BadRequest", "properties"},
      {"new-vault", R"({"location":"atlantis","properties":{}})", 400, "LocationNotAvailableForResourceType", ""},
      {"new-vault", R"({"properties":{}})", 400, "LocationRequired", ""},
      {"HiddenAPIKeyVault", vault_body(), 409, "VaultAlreadyExists", "globally unique"},
  };
  for (const auto& row : rows) {
    const auto answer = call("PUT", vault(row.name), row.body);
    EXPECT_EQ(answer.status, row.status) << row.name << ' ' << row.body << ' ' << answer.body;
    EXPECT_EQ(code_of(answer), row.code) << row.name << ' ' << row.body;
    EXPECT_NE(answer.body.find(row.says), std::string::npos) << answer.body;
  }
  EXPECT_EQ(get(vault("new-vault")).status, 404);
  call("PUT", group("other"), R"({"location":"westeurope"})");
  EXPECT_EQ(code_of(call("PUT", vault("contoso-kv", "other"), vault_body())), "VaultAlreadyExists") << "in another group";
  EXPECT_EQ(code_of(get(vault("absent"))), "ResourceNotFound");
}

TEST_F(ArmVaults, RbacIsTheDefaultFromItsVersionOnly) {
  EXPECT_TRUE(at(call("PUT", vault("old-vault"), vault_body(), "2023-07-01"), "properties.enableRbacAuthorization").is_null());
  EXPECT_EQ(at(call("PUT", vault("new-vault"), vault_body(), "2026-02-01"), "properties.enableRbacAuthorization"), true);
}

TEST_F(ArmVaults, ProtectionOnlyEverGrows) {
  call("PUT", vault("new-vault"), vault_body(R"("softDeleteRetentionInDays":30)"));
  EXPECT_EQ(at(call("PATCH", vault("new-vault"), R"({"properties":{"enablePurgeProtection":true}})"),
               "properties.enablePurgeProtection"),
            true);
  EXPECT_EQ(call("PATCH", vault("new-vault"), R"({"properties":{"enablePurgeProtection":false}})").status, 400);
  EXPECT_EQ(call("PATCH", vault("new-vault"), R"({"properties":{"softDeleteRetentionInDays":31}})").status, 400);
  const auto again = call("PUT", vault("new-vault"), vault_body());
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(at(again, "properties.softDeleteRetentionInDays"), 30);
  EXPECT_EQ(at(again, "properties.enablePurgeProtection"), true) << "although the body leaves it out";
}

TEST_F(ArmVaults, AreSoftDeletedRecoveredAndPurged) {
  emulator->world().options.arm_polls = 0;
  call("PUT", vault("new-vault"), vault_body(R"("enableRbacAuthorization":true)"));
  EXPECT_EQ(call("DELETE", vault("new-vault")).status, 200);
  EXPECT_EQ(call("DELETE", vault("new-vault")).status, 204);
  EXPECT_EQ(get(vault("new-vault")).status, 404);
  EXPECT_EQ(count_of(get(sub() + "/providers/Microsoft.KeyVault/deletedVaults")), 1u);
  EXPECT_EQ(at(get(deleted("NEW-vault")), "properties.vaultId"), json::string(vault("new-vault")));
  const auto held = call("PUT", vault("new-vault"), vault_body());
  EXPECT_EQ(held.status, 409);
  EXPECT_EQ(code_of(held), "ConflictError");
  const auto recovered = call("PUT", vault("new-vault"), R"({"location":"westeurope","properties":{"createMode":"recover"}})");
  EXPECT_EQ(recovered.status, 200) << recovered.body;
  EXPECT_EQ(get(deleted("new-vault")).status, 404);
  call("DELETE", vault("new-vault"));
  emulator->world().options.arm_polls = 1;
  const auto purging = call("POST", deleted("new-vault") + "/purge");
  EXPECT_EQ(purging.status, 202);
  EXPECT_EQ(follow(purging).status, 202);
  EXPECT_EQ(follow(purging).status, 200);
  EXPECT_EQ(call("PUT", vault("new-vault"), vault_body()).status, 200) << "the name is free";
  EXPECT_EQ(code_of(call("PUT", vault("other"), R"({"location":"westeurope","properties":{"createMode":"recover"}})")),
            "DeletedVaultNotFound");
}

TEST_F(ArmVaults, PurgeProtectionForbidsPurgeUntilTheTimeIsOver) {
  call("PUT", vault("new-vault"), vault_body(R"("enablePurgeProtection":true,"softDeleteRetentionInDays":7)"));
  call("DELETE", vault("new-vault"));
  const auto refused = call("POST", deleted("new-vault") + "/purge");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(code_of(refused), "MethodNotAllowed");
  advance(std::chrono::hours(24 * 8));
  token = access_token("https://management.azure.com/");
  EXPECT_EQ(get(deleted("new-vault")).status, 404);
}

TEST_F(ArmVaults, ThereAreNoManagedHsms) {
  for (const auto* what : {"managedHSMs", "deletedManagedHSMs"}) {
    EXPECT_EQ(count_of(get(sub() + "/providers/Microsoft.KeyVault/" + what)), 0u) << what;
  }
  EXPECT_EQ(count_of(get(group() + "/providers/Microsoft.KeyVault/managedHSMs")), 0u);
}

TEST_F(ArmVaults, NamesCanBeChecked) {
  const auto check = [&](std::string_view name) {
    return call("POST", sub() + "/providers/Microsoft.KeyVault/checkNameAvailability",
                R"({"name":")" + std::string(name) + R"(","type":"Microsoft.KeyVault/vaults"})");
  };
  EXPECT_EQ(at(check("free-name"), "nameAvailable"), true);
  EXPECT_EQ(at(check("contoso-KV"), "reason"), "AlreadyExists");
  EXPECT_EQ(at(check("hiddenapikeyvault"), "reason"), "AlreadyExists");
  EXPECT_EQ(at(check("x"), "reason"), "AccountNameInvalid");
  call("DELETE", vault("contoso-kv"));
  EXPECT_EQ(at(check("contoso-kv"), "nameAvailable"), false) << "held by the deleted one";
}

TEST_F(ArmVaults, ShowTheirNetworkRules) {
  const auto made = call(
      "PUT", vault("new-vault"),
      vault_body(
          R"("networkAcls":{"bypass":"None","defaultAction":"Deny","ipRules":[{"value":"203.0.113.5"}],"virtualNetworkRules":[]})"));
  EXPECT_EQ(json::serialize(at(made, "properties.networkAcls")),
            R"({"bypass":"None","defaultAction":"Deny","ipRules":[{"value":"203.0.113.5/32"}],"virtualNetworkRules":[]})");
}

TEST_F(ArmVaults, NeedRightsOnTheGroup) {
  token = app_token("https://management.azure.com/");
  EXPECT_EQ(get(vault("contoso-kv")).status, 403)
      << "an officer reads what is in the vault, and its sub-resources, not the vault itself";
  admin("POST", "/role-assignments",
        R"({"principal":")" + client_id() + R"(","role":"Contributor","scope":")" + group() + "\"}");
  EXPECT_EQ(call("PUT", vault("new-vault"), vault_body()).status, 200);
  EXPECT_EQ(at(get(vault("new-vault")), "systemData.createdByType"), "Application");
  EXPECT_EQ(call("PUT", group("other"), R"({"location":"westeurope"})").status, 403);
}

TEST_F(ArmVaults, AccessPoliciesCanBeAddedAndRemoved) {
  call("PUT", vault("new-vault"), vault_body());
  const auto policy = [&](std::string_view rights) {
    return R"({"properties":{"accessPolicies":[{"tenantId":")" + tenant() + R"(","objectId":")" + app_oid() +
           R"(","permissions":{"secrets":[)" + std::string(rights) + "]}}]}}";
  };
  const auto path = vault("new-vault") + "/accessPolicies/";
  EXPECT_EQ(call("PUT", path + "add", policy(R"("get")")).status, 200);
  const auto both = call("PUT", path + "add", policy(R"("set","Get")"));
  EXPECT_NE(both.body.find(R"("secrets":["get","set"])"), std::string::npos) << both.body;
  EXPECT_NE(call("PUT", path + "remove", policy(R"("get")")).body.find(R"("secrets":["set"])"), std::string::npos);
  EXPECT_NE(call("PUT", path + "replace", policy(R"("list")")).body.find(R"("secrets":["list"])"), std::string::npos);
  EXPECT_EQ(call("PUT", path + "double", policy(R"("list")")).status, 400);
}

TEST_F(ArmVaults, SurviveARestart) {
  call("PUT", vault("new-vault"),
       vault_body(R"("networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"203.0.113.0/24"}]})"));
  const auto before = get(vault("new-vault"));
  call("DELETE", vault("contoso-kv"));
  auto made = Emulator::make(usual(), clock, emulator->saved());
  ASSERT_TRUE(made);
  emulator.emplace(std::move(*made));
  EXPECT_EQ(at(get(vault("new-vault")), "properties.networkAcls"), at(before, "properties.networkAcls"));
  EXPECT_EQ(get(deleted("contoso-kv")).status, 200);
}

TEST_F(ArmVaults, WhatNobodySetIsLeftOut) {
  const auto put =
      call("PUT", vault("new-vault"),
           vault_body(R"("networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]},
                                      "enabledForTemplateDeployment":true)"));
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(at(put, "properties.provisioningState"), "RegisteringDns");
  EXPECT_EQ(at(put, "properties.vaultUri"), "https://new-vault.vault.azure.net") << "of a write";
  const auto soon = get(vault("new-vault"));
  EXPECT_EQ(at(soon, "properties.provisioningState"), "RegisteringDns");
  EXPECT_EQ(at(soon, "properties.vaultUri"), "https://new-vault.vault.azure.net/") << "as recorded";
  const auto done = get(vault("new-vault"));
  EXPECT_EQ(at(done, "properties.vaultUri"), "https://new-vault.vault.azure.net/");
  for (const auto* name : {"networkAcls", "enabledForDiskEncryption", "enableRbacAuthorization"})
    EXPECT_EQ(done.body.find(name), std::string::npos) << done.body;
  for (const auto* name :
       {R"("enabledForDeployment":false)", R"("enabledForTemplateDeployment":true)", R"("enableSoftDelete":true)"})
    EXPECT_NE(done.body.find(name), std::string::npos) << done.body;
}

TEST_F(ArmVaults, AddressesThatTheFirewallNeverSeesAreRefused) {
  const auto with = [&](std::string_view rule) {
    return call("PUT", vault("new-vault"),
                vault_body(R"("networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"203.0.113.5"},{"value":")" +
                           std::string(rule) + "\"}]}"));
  };
  for (const auto* rule : {"10.0.0.0/8", "10.1.2.3", "172.16.0.0/12", "172.31.255.255", "192.168.1.0/24", "127.0.0.1",
                           "169.254.1.1", "224.0.0.1"}) {
    const auto refused = with(rule);
    EXPECT_EQ(refused.status, 400) << rule;
    EXPECT_NE(
        refused.body.find("properties.networkAcls.ipRules[1].value: " + std::string(rule) + " belongs to forbidden range "),
        std::string::npos)
        << refused.body;
  }
  for (const auto* rule : {"172.32.0.0/12", "8.8.8.8", "223.1.1.1"}) EXPECT_EQ(with(rule).status, 200) << rule;
}

TEST_F(ArmVaults, VersionsNewerThanTheNewestAreServed) {
  EXPECT_EQ(get(vault("contoso-kv"), "2031-01-15").status, 200);
  EXPECT_EQ(get(vault("contoso-kv"), "2031-01-15-preview").status, 200);
  for (const auto* version : {"2031-13-01", "2031-1-15", "2031-01-15x", "2020-01-01", "latest", "2031-01-15-beta"})
    EXPECT_EQ(get(vault("contoso-kv"), version).status, 400) << version;
}

TEST_F(ArmVaults, ListsHavePages) {
  for (const auto* name : {"vault-one", "vault-two"}) ASSERT_EQ(call("PUT", vault(name), vault_body()).status, 200);
  const auto list = sub() + "/providers/Microsoft.KeyVault/vaults";
  const auto first = get(list + "?$top=2");
  EXPECT_EQ(member(object_of(first), "value")->get_array().size(), 2u);
  const auto next = string_member(object_of(first), "nextLink");
  ASSERT_TRUE(next) << first.body;
  const auto second = object_of(send("GET", *next, bearer(token)));
  EXPECT_EQ(member(second, "value")->get_array().size(), 1u);
  EXPECT_EQ(member(second, "nextLink"), nullptr);
  EXPECT_EQ(get(list + "?$top=0").status, 400);
  EXPECT_EQ(get(list + "?$top=two").status, 400);
  EXPECT_EQ(get(list + "?$skiptoken=99").status, 400);
}

}  // namespace
}  // namespace portalkey::sandbox
