#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kName = "11111111-2222-4333-8444-555555555555";

class RoleAssignments : public ArmTest {
 protected:
  std::string at_scope(const std::string& scope, std::string_view name = {}) {
    return scope + "/providers/Microsoft.Authorization/roleAssignments" + (name.empty() ? "" : '/' + std::string(name));
  }
  std::string svc_oid() { return find_user(emulator->world(), kServiceAccount)->oid; }
};

TEST_F(RoleAssignments, AreMadeOnce) {
  const std::string secret = vault("contoso-kv") + "/secrets/RefreshToken";
  const auto body = assignment_body(svc_oid());
  const auto made = call("PUT", at_scope(secret, kName), body);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(at(made, "id"), json::string(at_scope(secret, kName)));
  EXPECT_EQ(at(made, "properties.principalType"), "User") << "looked up";
  EXPECT_EQ(call("PUT", at_scope(secret, kName), body).status, 200);
  const auto twice = call("PUT", at_scope(secret, "99999999-2222-4333-8444-555555555555"), body);
  EXPECT_EQ(twice.status, 409);
  EXPECT_EQ(code_of(twice), "RoleAssignmentExists");
  EXPECT_NE(twice.body.find("The ID of the existing role assignment is 11111111222243338444555555555555."), std::string::npos);
  const auto changed = call("PUT", at_scope(secret, kName), assignment_body(app_oid()));
  EXPECT_EQ(changed.status, 400);
  EXPECT_EQ(code_of(changed), "RoleAssignmentUpdateNotPermitted");
  EXPECT_EQ(code_of(call("PUT", at_scope(vault("contoso-kv"), kName), body)), "RoleAssignmentUpdateNotPermitted")
      << "another scope";
  EXPECT_EQ(get(at_scope(secret, kName)).status, 200);
  EXPECT_EQ(call("DELETE", at_scope(secret, kName)).status, 200);
  EXPECT_EQ(call("DELETE", at_scope(secret, kName)).status, 204);
  EXPECT_EQ(code_of(get(at_scope(secret, kName))), "RoleAssignmentNotFound");
}

TEST_F(RoleAssignments, RefuseWhatTheServiceRefuses) {
  const std::string stranger = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
  const auto unknown = call("PUT", at_scope(group(), kName), assignment_body(stranger));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(code_of(unknown), "PrincipalNotFound");
  EXPECT_NE(unknown.body.find("Principal aaaaaaaabbbb4ccc8dddeeeeeeeeeeee does not exist in the directory " + tenant()),
            std::string::npos);
  EXPECT_EQ(code_of(call("PUT", at_scope(group(), "not-a-guid"), assignment_body(svc_oid()))), "InvalidRoleAssignmentId");
  EXPECT_EQ(code_of(call("PUT", at_scope(group(), kName), assignment_body(svc_oid(), stranger))), "RoleDefinitionDoesNotExist");
  EXPECT_EQ(code_of(call("PUT", at_scope(group(), kName), assignment_body(svc_oid(), kOfficerRole, "ServicePrincipal"))),
            "UnmatchedPrincipalType");
  EXPECT_EQ(code_of(call("PUT", at_scope(group(), kName), assignment_body("me"))), "InvalidPrincipalId");
  EXPECT_EQ(code_of(call("PUT", at_scope(group(), kName), R"({"properties":{}})")), "BadRequestFormat");
  EXPECT_EQ(code_of(call("PUT", at_scope(group("absent"), kName), assignment_body(svc_oid()))), "ResourceGroupNotFound");
  EXPECT_EQ(code_of(call("PUT", at_scope(vault("absent"), kName), assignment_body(svc_oid()))), "ResourceNotFound");
}

TEST_F(RoleAssignments, APrincipalJustMadeIsNotFoundUntilItIsReplicated) {
  emulator->world().state.policy.replication_delay = 30;
  auto& state = emulator->world().state;
  ServicePrincipal fresh{"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "x", "fresh", "Application", true,
                         emulator->world().clock.seconds()};
  state.service_principals.emplace(fresh.object_id, fresh);
  EXPECT_EQ(code_of(call("PUT", at_scope(group(), kName), assignment_body(fresh.object_id))), "PrincipalNotFound");
  EXPECT_EQ(call("PUT", at_scope(group(), kName), assignment_body(fresh.object_id, kOfficerRole, "ServicePrincipal")).status,
            201)
      << "who says what it is need not wait";
  call("DELETE", at_scope(group(), kName));
  advance(std::chrono::seconds(30));
  EXPECT_EQ(call("PUT", at_scope(group(), kName), assignment_body(fresh.object_id)).status, 201);
}

TEST_F(RoleAssignments, AreListedByScopeAndPrincipal) {
  call("PUT", at_scope(vault("contoso-kv") + "/secrets/x", kName), assignment_body(svc_oid()));
  EXPECT_EQ(count_of(get(at_scope(sub()))), 6u) << "owner, two officers and two identities of the vault, one of a secret";
  EXPECT_EQ(count_of(get(at_scope(sub()) + "?$filter=atScope()")), 1u);
  EXPECT_EQ(count_of(get(at_scope(vault("contoso-kv")) + "?$filter=atScope()")), 5u) << "and what is inherited";
  EXPECT_EQ(count_of(get(at_scope(sub()) + "?$filter=principalId%20eq%20'" + app_oid() + "'")), 1u);
  EXPECT_EQ(count_of(get(at_scope(sub()) + "?$filter=atScope()%20and%20assignedTo('" + app_oid() + "')")), 0u);
  EXPECT_EQ(count_of(get(at_scope(sub()) + "?$filter=assignedTo('" + svc_oid() + "')")), 1u);
  EXPECT_EQ(code_of(get(at_scope(sub()) + "?$filter=nonsense")), "InvalidFilter");
}

TEST_F(RoleAssignments, OnlyAdministratorsOfAccessMakeThem) {
  const auto try_as = [&](std::string_view role) {
    admin("POST", "/role-assignments", R"({"principal":"helpdesk@contoso.com","role":"none"})");
    admin("POST", "/role-assignments", R"({"principal":"helpdesk@contoso.com","role":")" + std::string(role) + "\"}");
    call("DELETE", at_scope(group(), kName));
    const auto owner = std::exchange(token, access_token("https://management.azure.com/", "helpdesk@contoso.com"));
    const auto answer = call("PUT", at_scope(group(), kName), assignment_body(svc_oid()));
    token = owner;
    return answer;
  };
  for (const auto* role : {"Owner", "User Access Administrator", "Role Based Access Control Administrator"}) {
    EXPECT_EQ(try_as(role).status, 201) << role;
  }
  for (const auto* role : {"Contributor", "Reader", "Key Vault Administrator", "Key Vault Contributor"}) {
    const auto refused = try_as(role);
    EXPECT_EQ(refused.status, 403) << role;
    EXPECT_NE(refused.body.find("perform action 'Microsoft.Authorization/roleAssignments/write' over scope '" + group() + "'"),
              std::string::npos);
  }
}

TEST_F(RoleAssignments, DefinitionsAreFoundByNameAndId) {
  const std::string path = sub() + "/providers/Microsoft.Authorization/roleDefinitions";
  const auto named = get(path + "?$filter=roleName%20eq%20'Key%20Vault%20Secrets%20Officer'");
  ASSERT_EQ(count_of(named), 1u);
  EXPECT_NE(named.body.find(std::string(kOfficerRole)), std::string::npos);
  EXPECT_EQ(count_of(get(path)), 10u);
  EXPECT_EQ(count_of(get(path + "?$filter=type%20eq%20'CustomRole'")), 0u);
  EXPECT_EQ(at(get(path + '/' + std::string(kOfficerRole)), "properties.roleName"), "Key Vault Secrets Officer");
  EXPECT_EQ(get("/providers/Microsoft.Authorization/roleDefinitions/" + std::string(kOfficerRole)).status, 200)
      << "of the tenant";
  EXPECT_EQ(get(path + "/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee").status, 404);
}

TEST_F(RoleAssignments, PermissionsTellWhatTheCallerMay) {
  EXPECT_NE(get(group() + "/providers/Microsoft.Authorization/permissions").body.find(R"("actions":["*"])"), std::string::npos);
  token = access_token("https://management.azure.com/", "helpdesk@contoso.com");
  EXPECT_EQ(count_of(get(group() + "/providers/Microsoft.Authorization/permissions")), 0u);
}

}  // namespace
}  // namespace portalkey::sandbox
