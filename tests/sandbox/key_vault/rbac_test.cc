#include "base/base64.h"
#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

class KeyVaultRbac : public ArmTest {
 protected:
  void SetUp() override {
    ArmTest::SetUp();
    emulator->world().options.arm_polls = 0;
    vault_token = app_token("https://vault.azure.net");
  }
  HttpResponse data(std::string_view method, std::string_view path, std::string body = {},
                    std::string_view name = "contoso-kv") {
    return send(method, "https://" + std::string(name) + ".vault.azure.net" + std::string(path) + "?api-version=7.4",
                bearer(vault_token), std::move(body));
  }
  void role(std::string_view role, const std::string& scope) {
    const auto answer =
        admin("POST", "/role-assignments",
              R"({"principal":")" + client_id() + R"(","role":")" + std::string(role) + R"(","scope":")" + scope + "\"}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void make_vault(std::string_view properties, std::string_view name = "new-vault") {
    const auto made = call("PUT", vault(name), vault_body(properties));
    ASSERT_EQ(made.status, 200) << made.body;
  }
  std::string vault_token;
};

TEST_F(KeyVaultRbac, ScopesAreInheritedDownwards) {
  make_vault(R"("enableRbacAuthorization":true)");
  const auto set = [&] { return data("PUT", "/secrets/RefreshToken", R"({"value":"v"})", "new-vault"); };
  const auto refused = set();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(vault_code_of(refused), "Forbidden/ForbiddenByRbac");
  const std::string resource = "/subscriptions/" + emulator->world().state.subscription_id +
                               "/resourcegroups/contoso-rg/providers/microsoft.keyvault/vaults/new-vault/secrets/refreshtoken";
  const auto message = std::string(view(at(refused, "error.message").get_string()));
  EXPECT_EQ(
      message,
      "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions "
      "were changed recently, please observe propagation time.\r\nCaller: appid=" +
          client_id() + ";oid=" + app_oid() + ";iss=https://sts.windows.net/" + tenant() +
          "/\r\nAction: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'\r\nResource: '" + resource +
          "'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: "
          "new-vault;location=westeurope\r\n");
  for (const auto& scope : {sub(), group(), vault("new-vault"), vault("new-vault") + "/secrets/RefreshToken"}) {
    role("Key Vault Secrets Officer", scope);
    const auto allowed = set();
    EXPECT_EQ(allowed.status, 200) << scope;
    EXPECT_EQ(allowed.header("x-ms-keyvault-rbac-assignment-id").size(), 32u);
    role("none", scope);
    EXPECT_EQ(set().status, 403) << scope;
  }
  role("Key Vault Secrets Officer", vault("new-vault") + "/secrets/other");
  EXPECT_EQ(set().status, 403) << "a role on one secret says nothing of another";
}

TEST_F(KeyVaultRbac, EachRoleAllowsItsOwn) {
  struct Row {
    std::string_view role;
    bool get, set, list;
  };
  static constexpr Row kRows[] = {{"Key Vault Secrets Officer", true, true, true},
                                  {"Key Vault Administrator", true, true, true},
                                  {"Key Vault Secrets User", true, false, true},
                                  {"Key Vault Reader", false, false, true},
                                  {"Owner", false, false, false},
                                  {"Contributor", false, false, false},
                                  {"Key Vault Contributor", false, false, false}};
  ASSERT_EQ(data("PUT", "/secrets/x", R"({"value":"v"})").status, 200);
  role("none", vault("contoso-kv"));
  for (const auto& row : kRows) {
    role(row.role, vault("contoso-kv"));
    EXPECT_EQ(data("GET", "/secrets/x").status == 200, row.get) << row.role;
    EXPECT_EQ(data("PUT", "/secrets/x", R"({"value":"v"})").status == 200, row.set) << row.role;
    EXPECT_EQ(data("GET", "/secrets").status == 200, row.list) << row.role;
    role("none", vault("contoso-kv"));
  }
}

TEST_F(KeyVaultRbac, NewAssignmentsTakeTheirTime) {
  emulator->world().state.policy.replication_delay = 60;
  role("none", vault("contoso-kv"));
  const auto made = call(
      "PUT", vault("contoso-kv") + "/providers/Microsoft.Authorization/roleAssignments/11111111-2222-4333-8444-555555555555",
      assignment_body(app_oid(), kOfficerRole, "ServicePrincipal"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(data("PUT", "/secrets/x", R"({"value":"v"})").status, 403);
  advance(std::chrono::seconds(60));
  EXPECT_EQ(data("PUT", "/secrets/x", R"({"value":"v"})").status, 200);
  call("DELETE",
       vault("contoso-kv") + "/providers/Microsoft.Authorization/roleAssignments/11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(data("GET", "/secrets/x").status, 403);
}

TEST_F(KeyVaultRbac, VaultsKeepTheirSecretsApart) {
  make_vault(R"("enableRbacAuthorization":true)");
  role("Key Vault Secrets Officer", vault("new-vault"));
  data("PUT", "/secrets/x", R"({"value":"one"})");
  EXPECT_EQ(data("GET", "/secrets/x", {}, "new-vault").status, 404);
  const auto other = data("PUT", "/secrets/x", R"({"value":"two"})", "new-vault");
  EXPECT_NE(text_at(other, "id").find("https://new-vault.vault.azure.net/secrets/x/"), std::string::npos);
  EXPECT_EQ(text_at(data("GET", "/secrets/x"), "value"), "one");
  call("DELETE", vault("new-vault"));
  EXPECT_EQ(data("GET", "/secrets/x", {}, "new-vault").status, 404);
  call("PUT", vault("new-vault"), R"({"location":"westeurope","properties":{"createMode":"recover"}})");
  EXPECT_EQ(data("GET", "/secrets/x", {}, "new-vault").status, 403) << "roles do not come back";
  role("Key Vault Secrets Officer", vault("new-vault"));
  EXPECT_EQ(text_at(data("GET", "/secrets/x", {}, "new-vault"), "value"), "two") << "secrets do";
}

TEST_F(KeyVaultRbac, AccessPoliciesJudgeWhereRbacIsOff) {
  make_vault(R"("enableRbacAuthorization":false)");
  role("Key Vault Administrator", vault("new-vault"));
  const auto refused = data("PUT", "/secrets/x", R"({"value":"v"})", "new-vault");
  EXPECT_EQ(vault_code_of(refused), "Forbidden/ForbiddenByPolicy");
  EXPECT_NE(refused.body.find("does not have secrets set permission on key vault 'new-vault;location=westeurope'"),
            std::string::npos);
  call("PUT", vault("new-vault") + "/accessPolicies/add",
       R"({"properties":{"accessPolicies":[{"tenantId":")" + tenant() + R"(","objectId":")" + app_oid() +
           R"(","permissions":{"secrets":["Set","list"]}}]}})");
  EXPECT_EQ(data("PUT", "/secrets/x", R"({"value":"v"})", "new-vault").status, 200);
  EXPECT_EQ(data("GET", "/secrets", {}, "new-vault").status, 200);
  EXPECT_EQ(data("GET", "/secrets/x", {}, "new-vault").status, 403);
}

TEST_F(KeyVaultRbac, FirewallLooksAtTheCallersAddress) {
  call("PATCH", vault("contoso-kv"),
       R"({"properties":{"networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"203.0.113.0/24"}]}}})");
  const auto refused = data("GET", "/secrets");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(vault_code_of(refused), "Forbidden/ForbiddenByFirewall");
  EXPECT_NE(refused.body.find("Client address: 127.0.0.1"), std::string::npos);
  policy(R"({"clientAddress":"203.0.113.77"})");
  EXPECT_EQ(data("GET", "/secrets").status, 200);
  policy(R"({"clientAddress":"203.0.114.1"})");
  EXPECT_EQ(data("GET", "/secrets").status, 403);
  EXPECT_EQ(admin("POST", "/policy", R"({"clientAddress":"home"})").status, 400);
  call("PATCH", vault("contoso-kv"), R"({"properties":{"publicNetworkAccess":"Disabled"}})");
  EXPECT_EQ(vault_code_of(data("GET", "/secrets")), "Forbidden/ForbiddenByConnection");
  EXPECT_EQ(send("GET", std::string(kVault) + "/secrets?api-version=7.4").status, 401) << "who calls is asked first";
}

TEST_F(KeyVaultRbac, RecoveryLevelFollowsTheVault) {
  make_vault(R"("enableRbacAuthorization":true,"softDeleteRetentionInDays":7,"enablePurgeProtection":true)");
  role("Key Vault Secrets Officer", group());
  const auto made = data("PUT", "/secrets/x", R"({"value":"v"})", "new-vault");
  EXPECT_EQ(at(made, "attributes.recoveryLevel"), "CustomizedRecoverable");
  EXPECT_EQ(at(made, "attributes.recoverableDays"), 7);
  data("DELETE", "/secrets/x", {}, "new-vault");
  const auto purge = data("DELETE", "/deletedsecrets/x", {}, "new-vault");
  EXPECT_EQ(purge.status, 403);
  EXPECT_NE(purge.body.find("purge protection is enabled"), std::string::npos);
  advance(std::chrono::hours(24 * 8));
  vault_token = app_token("https://vault.azure.net");
  EXPECT_EQ(data("GET", "/deletedsecrets/x", {}, "new-vault").status, 404) << "its time is over";
}

TEST_F(KeyVaultRbac, BackupsCanBeRestored) {
  data("PUT", "/secrets/x", R"({"value":"one","tags":{"a":"b"}})");
  data("PUT", "/secrets/x", R"({"value":"two"})");
  const auto backup = data("POST", "/secrets/x/backup");
  ASSERT_EQ(backup.status, 200) << backup.body;
  // SDKs decode the blob and encode it again.
  const auto blob = decode_base64url(text_at(backup, "value"));
  ASSERT_TRUE(blob);
  EXPECT_EQ(base64url(*blob), text_at(backup, "value"));
  EXPECT_EQ(data("POST", "/secrets/restore", backup.body).status, 409) << "it is there";
  data("DELETE", "/secrets/x");
  EXPECT_EQ(vault_code_of(data("POST", "/secrets/restore", backup.body)), "Conflict/ObjectIsDeletedButRecoverable");
  data("DELETE", "/deletedsecrets/x");
  EXPECT_EQ(data("POST", "/secrets/restore", backup.body).status, 200);
  EXPECT_EQ(text_at(data("GET", "/secrets/x"), "value"), "two");
  EXPECT_EQ(count_of(data("GET", "/secrets/x/versions")), 2u);
  EXPECT_EQ(data("POST", "/secrets/restore", R"({"value":"nonsense"})").status, 400);
}

TEST_F(KeyVaultRbac, DeletedSecretsAreListedInPages) {
  for (int i = 0; i < 30; ++i) {
    data("PUT", "/secrets/s" + std::to_string(i), R"({"value":"v"})");
    data("DELETE", "/secrets/s" + std::to_string(i));
  }
  const auto first = data("GET", "/deletedsecrets");
  EXPECT_EQ(count_of(first), 25u);
  auto next = text_at(first, "nextLink");
  EXPECT_EQ(next.find("https://contoso-kv.vault.azure.net:443/deletedsecrets?"), 0u) << next;
  next.replace(next.find(":443"), 4, "");
  EXPECT_EQ(count_of(send("GET", next, bearer(vault_token))), 5u);
}

}  // namespace
}  // namespace portalkey::sandbox
