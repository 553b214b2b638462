// Service principals, consent, users and directory objects.
#include "sandbox/entra/managed_identity.h"
#include "tests/sandbox/graph/fixture.h"

namespace portalkey::sandbox {
namespace {

class GraphPrincipals : public GraphTest {};

TEST_F(GraphPrincipals, OnePerApp) {
  const auto app = create("/applications", *parse_json(R"({"displayName":"api","identifierUris":["api://contoso.com/api"],
      "publicClient":{"redirectUris":["http://localhost"]}})"));
  const auto made = create_principal(app);
  EXPECT_EQ(text(made, "displayName"), "api");
  EXPECT_EQ(text(made, "servicePrincipalType"), "Application");
  EXPECT_EQ(made.at("servicePrincipalNames"), (json::array{app.at("appId"), "api://contoso.com/api"}));
  EXPECT_EQ(made.at("replyUrls"), json::array{"http://localhost"});
  EXPECT_EQ(text(made, "appOwnerOrganizationId"), tenant());
  const auto again = call("POST", "/servicePrincipals", json::serialize(json::object{{"appId", app.at("appId")}}));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(code_of(again), "Request_MultipleObjectsWithSameKeyValue");
  EXPECT_EQ(call("POST", "/servicePrincipals", R"({"appId":"11111111-1111-4111-8111-111111111111"})").status, 400);
  EXPECT_EQ(list("/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'api://contoso.com/api')").size(), 1u);
  const auto path = "/servicePrincipals/" + text(made, "id");
  EXPECT_EQ(call("PATCH", path, R"({"tags":["portalkey"],"accountEnabled":false})").status, 204);
  EXPECT_EQ(get(path).at("tags"), json::array{"portalkey"});
  EXPECT_EQ(get(path).at("accountEnabled"), false);
  EXPECT_EQ(call("PATCH", path, R"({"colour":"red"})").status, 400);
  EXPECT_EQ(call("DELETE", path).status, 204);
  EXPECT_EQ(call("GET", path).status, 404);
}

TEST_F(GraphPrincipals, CredentialsOfTheirOwn) {
  const TestCertificate own;
  const auto app = create_app("with two lists");
  const auto principal = create_principal(app);
  const auto path = "/servicePrincipals/" + text(principal, "id");
  const auto signs_in = [&](const std::string& secret) {
    return post_form(std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/token",
                     "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id=" +
                         text(app, "appId") + "&client_secret=" + percent_encode(secret))
        .status;
  };
  const auto added = call("POST", path + "/addPassword", R"({"passwordCredential":{"displayName":"its own"}})");
  ASSERT_EQ(added.status, 200) << added.body;
  const auto made = object_of(added);
  EXPECT_EQ(signs_in(text(made, "secretText")), 200);
  EXPECT_EQ(get(path).at("passwordCredentials").at(0).at("keyId"), made.at("keyId"));
  EXPECT_EQ(get("/applications/" + text(app, "id")).at("passwordCredentials").get_array().size(), 0u) << "not the app's";
  const auto of_app = object_of(call("POST", "/applications/" + text(app, "id") + "/addPassword"));
  EXPECT_EQ(signs_in(text(of_app, "secretText")), 200);
  const auto remove = [&](const json::object& which) {
    return call("POST", path + "/removePassword", json::serialize(json::object{{"keyId", which.at("keyId")}})).status;
  };
  EXPECT_EQ(remove(of_app), 400) << "that is the app's";
  EXPECT_EQ(remove(made), 204);
  EXPECT_EQ(signs_in(text(made, "secretText")), 401);

  const json::object credential{{"type", "AsymmetricX509Cert"}, {"usage", "Verify"}, {"key", own.certificate}};
  ASSERT_EQ(call("PATCH", path, json::serialize(json::object{{"keyCredentials", json::array{credential}}})).status, 204);
  const auto now = emulator->world().clock.seconds();
  json::object claims{
      {"aud", "00000002-0000-0000-c000-000000000000"}, {"iss", text(app, "id")}, {"nbf", now}, {"exp", now + 600}};
  const auto add_key = [&] {
    return call("POST", path + "/addKey",
                json::serialize(
                    json::object{{"keyCredential", credential}, {"passwordCredential", nullptr}, {"proof", own.sign(claims)}}));
  };
  EXPECT_EQ(add_key().status, 401) << "the proof names the service principal, not the app";
  claims["iss"] = text(principal, "id");
  const auto second = add_key();
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(get(path).at("keyCredentials").get_array().size(), 2u);
  auto made_again = Emulator::make(usual(), clock, emulator->saved());
  ASSERT_TRUE(made_again) << made_again.error().what;
  emulator.emplace(std::move(*made_again));
  EXPECT_EQ(get(path).at("keyCredentials").get_array().size(), 2u) << "after a restart";
  const json::object gone{{"keyId", object_of(second).at("keyId")}, {"proof", own.sign(claims)}};
  EXPECT_EQ(call("POST", path + "/removeKey", json::serialize(gone)).status, 204);
  EXPECT_EQ(call("PATCH", path, R"({"passwordCredentials":[{"displayName":"made here"}]})").status, 400);
}

TEST_F(GraphPrincipals, GuestsHaveTheAddressTheyWereInvitedBy) {
  const auto guest =
      get("/users/anna_fabrikam.com%23EXT%23@contoso.onmicrosoft.com?$select=mail,userType,creationType,externalUserState");
  EXPECT_EQ(text(guest, "mail"), "anna@fabrikam.com");
  EXPECT_EQ(text(guest, "creationType"), "Invitation");
  EXPECT_EQ(text(guest, "externalUserState"), "Accepted");
  EXPECT_EQ(list("/users?$filter=mail%20eq%20'anna@fabrikam.com'").size(), 1u);
  admin("POST", "/users", R"({"upn":"a_b_fabrikam.com#EXT#@contoso.com","guest":false})");
  EXPECT_EQ(text(get("/users/a_b_fabrikam.com%23EXT%23@contoso.com"), "mail"), "a_b@fabrikam.com") << "external members too";
  EXPECT_EQ(text(get("/users/helga@contoso.com"), "mail"), "helga@contoso.com");
}

TEST_F(GraphPrincipals, UserinfoTellsWhoTheTokenIsOf) {
  const auto ask = [&](std::string_view method, std::string_view with) {
    return send(method, "https://graph.microsoft.com/oidc/userinfo", bearer(with));
  };
  const auto answer = ask("GET", token);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto tokens = sign_in("https://graph.microsoft.com/", kAdminAccount);
  const auto of_id_token = claims_of(text(tokens, "id_token"));
  EXPECT_EQ(text(object_of(answer), "sub"), text(of_id_token, "sub")) << "the client's own name for the account";
  EXPECT_EQ(text(object_of(answer), "email"), kAdminAccount);
  EXPECT_EQ(ask("POST", token).status, 200);
  EXPECT_EQ(ask("GET", "nonsense").status, 401);
  EXPECT_EQ(ask("GET", app_token("https://graph.microsoft.com/")).status, 403) << "an app is nobody";
  EXPECT_EQ(ask("GET", access_token("https://vault.azure.net")).status, 401) << "another audience";
  EXPECT_EQ(ask("DELETE", token).status, 405);
  EXPECT_EQ(send("GET", "https://graph.microsoft.com/oidc/other", bearer(token)).status, 400);
}

TEST_F(GraphPrincipals, MicrosoftsOwnAreThere) {
  for (const auto* app_id : {"00000003-0000-0000-c000-000000000000", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
                             "797f4846-ba00-4fd7-ba43-dac1f8f63013", "74658136-14ec-4630-ad9b-26e160ff0fc6"}) {
    const auto found = get("/servicePrincipals(appId='" + std::string(app_id) + "')");
    EXPECT_EQ(text(found, "appId"), app_id);
    EXPECT_FALSE(found.at("oauth2PermissionScopes").get_array().empty()) << app_id;
    EXPECT_EQ(call("DELETE", "/servicePrincipals/" + text(found, "id")).status, 400);
  }
  const auto graph =
      get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,appRoles,oauth2PermissionScopes");
  EXPECT_EQ(graph.size(), 4u) << "with its context";
  const auto id_of = [&](std::string_view list, std::string_view value) {
    for (const auto& one : graph.at(list).get_array()) {
      if (one.at("value") == json::value(value)) return std::string(one.at("id").get_string());
    }
    return std::string();
  };
  EXPECT_EQ(id_of("appRoles", "User.Read.All"), "df021288-bdef-4463-88db-98f22de89214");
  EXPECT_EQ(id_of("oauth2PermissionScopes", "User.Read.All"), "a154be20-db9c-4678-8ab7-66f6cc099a59");
  EXPECT_EQ(id_of("appRoles", "Policy.ReadWrite.AuthenticationMethod"), "29c18626-4985-4dcd-85c0-193eef327366");
}

TEST_F(GraphPrincipals, AppRolesAreAssignedAndTold) {
  const auto principal = principal_of(client_id());
  const auto graph = principal_of(kGraphAppId);
  const std::string path = "/servicePrincipals/" + graph + "/appRoleAssignedTo";
  json::object body{{"principalId", principal}, {"resourceId", graph}, {"appRoleId", "df021288-bdef-4463-88db-98f22de89214"}};
  const auto made = create(path, body);
  EXPECT_EQ(text(made, "principalDisplayName"), "portalkey");
  EXPECT_EQ(text(made, "resourceDisplayName"), "Microsoft Graph");
  EXPECT_EQ(text(made, "principalType"), "ServicePrincipal");
  EXPECT_EQ(claims_of(app_token("https://graph.microsoft.com")).at("roles"), json::array{"User.Read.All"});
  EXPECT_EQ(member(claims_of(app_token("https://vault.azure.net")), "roles"), nullptr) << "another resource's";
  const auto again = call("POST", path, json::serialize(body));
  EXPECT_EQ(again.status, 400);
  EXPECT_NE(again.body.find("Permission being assigned already exists on the object"), std::string::npos);
  EXPECT_EQ(list(path).size(), 1u);
  EXPECT_EQ(list("/servicePrincipals/" + principal + "/appRoleAssignments").size(), 1u);
  EXPECT_EQ(call("DELETE", path + '/' + text(made, "id")).status, 204);
  EXPECT_EQ(call("DELETE", path + '/' + text(made, "id")).status, 400);
  EXPECT_TRUE(list(path).empty());

  body["appRoleId"] = "11111111-1111-4111-8111-111111111111";
  EXPECT_EQ(call("POST", path, json::serialize(body)).status, 400) << "no such role";
  body["appRoleId"] = "df021288-bdef-4463-88db-98f22de89214";
  EXPECT_EQ(call("POST", "/servicePrincipals/" + principal + "/appRoleAssignedTo", json::serialize(body)).status, 400)
      << "not the resource that the path names";
  make_user(emulator->world().state, emulator->world().options, "helpdesk@contoso.com").roles = {"Application Administrator"};
  token = access_token("https://graph.microsoft.com/", "helpdesk@contoso.com");
  EXPECT_EQ(call("POST", path, json::serialize(body)).status, 403) << "Graph's own roles take more than that";
}

TEST_F(GraphPrincipals, UsersHaveAppRolesToo) {
  const auto app = create("/applications", *parse_json(R"({"displayName":"api","appRoles":[
      {"id":"11111111-1111-4111-8111-111111111111","value":"Tokens.Read","displayName":"r","description":"d",
       "allowedMemberTypes":["User","Application"],"isEnabled":true}]})"));
  const auto principal = create_principal(app);
  const auto user = get("/users/helpdesk@contoso.com");
  create("/users/helpdesk@contoso.com/appRoleAssignments", {{"principalId", user.at("id")},
                                                            {"resourceId", principal.at("id")},
                                                            {"appRoleId", "11111111-1111-4111-8111-111111111111"}});
  const auto assigned = list("/users/helpdesk@contoso.com/appRoleAssignments");
  ASSERT_EQ(assigned.size(), 1u);
  EXPECT_EQ(assigned.front().at("principalType"), "User");
  EXPECT_EQ(assigned_roles(emulator->world(), text(user, "id"), text(app, "appId")), std::vector<std::string>{"Tokens.Read"});
}

TEST_F(GraphPrincipals, PermissionGrants) {
  const auto client = principal_of(client_id());
  const json::value body{{"clientId", client},
                         {"consentType", "AllPrincipals"},
                         {"principalId", nullptr},
                         {"resourceId", principal_of(kGraphAppId)},
                         {"scope", "User.Read"}};
  const auto made = create("/oauth2PermissionGrants", body);
  const auto again = call("POST", "/oauth2PermissionGrants", json::serialize(body));
  EXPECT_EQ(again.status, 409);
  const auto path = "/oAuth2PermissionGrants/" + text(made, "id");  // azure-cli's spelling
  EXPECT_EQ(call("PATCH", path, R"({"scope":"User.Read User.Read.All"})").status, 204);
  EXPECT_EQ(call("PATCH", path, R"({"clientId":"x"})").status, 400);
  const auto found = list("/oauth2PermissionGrants?$filter=clientId%20eq%20'" + client + "'");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().at("scope"), "User.Read User.Read.All");
  EXPECT_EQ(list("/servicePrincipals/" + client + "/oauth2PermissionGrants").size(), 1u);
  EXPECT_EQ(call("DELETE", path).status, 204);
  EXPECT_TRUE(list("/oauth2PermissionGrants").empty());
  token = access_token("https://graph.microsoft.com/", "helpdesk@contoso.com");
  EXPECT_EQ(call("POST", "/oauth2PermissionGrants", json::serialize(body)).status, 403);
}

TEST_F(GraphPrincipals, Users) {
  const auto me = get("/me");
  EXPECT_EQ(text(me, "userPrincipalName"), kAdminAccount);
  EXPECT_EQ(member(me, "accountEnabled"), nullptr) << "not among what is sent without $select";
  EXPECT_EQ(get("/users/" + text(me, "id") + "?$select=accountEnabled").at("accountEnabled"), true);
  EXPECT_EQ(get("/users/ANYBODY@contoso.com").at("displayName"), "ANYBODY") << "everybody exists";
  EXPECT_EQ(call("GET", "/users/nobody@contoso.com").status, 404);
  EXPECT_EQ(get("/users('anna_fabrikam.com%23EXT%23@contoso.onmicrosoft.com')?$select=userType").at("userType"), "Guest");
  EXPECT_EQ(list("/users?$filter=userPrincipalName%20eq%20'o''neil@contoso.com'").size(), 1u);
  EXPECT_EQ(list("/users?$filter=startswith(displayName,'Svc')").size(), 1u);
  EXPECT_EQ(text(get("/organization/" + tenant()), "displayName"), "Contoso");
  EXPECT_EQ(list("/organization").front().at("id"), json::value(tenant()));
}

TEST_F(GraphPrincipals, DirectoryRoles) {
  const auto mine = list("/me/transitiveMemberOf/microsoft.graph.directoryRole");
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_EQ(mine.front().at("roleTemplateId"), "62e90394-69f5-4237-9190-012177145e10");
  EXPECT_EQ(mine.front().at("@odata.type"), "#microsoft.graph.directoryRole");
  EXPECT_TRUE(list("/users/helpdesk@contoso.com/memberOf").empty());
  EXPECT_TRUE(list("/me/memberOf/microsoft.graph.group").empty());
  EXPECT_EQ(list("/directoryRoles(roleTemplateId='62e90394-69f5-4237-9190-012177145e10')/members").size(), 2u);
}

TEST_F(GraphPrincipals, DirectoryObjects) {
  const auto me = text(get("/me"), "id");
  const auto principal = principal_of(client_id());
  const auto body = [&](json::array types) {
    return json::serialize(
        json::object{{"ids", json::array{json::value(me), json::value(principal), "11111111-1111-4111-8111-111111111111"}},
                     {"types", std::move(types)}});
  };
  const auto both = object_of(call("POST", "/directoryObjects/getByIds", body({})));
  ASSERT_EQ(both.at("value").get_array().size(), 2u) << "unknown ids are left out";
  EXPECT_EQ(both.at("value").at(0).at("@odata.type"), "#microsoft.graph.user");
  EXPECT_EQ(object_of(call("POST", "/directoryObjects/getByIds", body({"servicePrincipal"}))).at("value").get_array().size(),
            1u);
  EXPECT_EQ(text(get("/directoryObjects/" + principal), "@odata.type"), "#microsoft.graph.servicePrincipal");
  EXPECT_EQ(call("GET", "/directoryObjects/11111111-1111-4111-8111-111111111111").status, 404);
}

TEST_F(GraphPrincipals, AdministratorsConsentThroughThePortal) {
  const auto app = create("/applications", *parse_json(R"({"displayName":"wants","requiredResourceAccess":[
      {"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[
        {"id":"df021288-bdef-4463-88db-98f22de89214","type":"Role"},{"id":"e1fe6dd8-ba31-4d61-89e7-88639da4683d","type":"Scope"},
        {"id":"a154be20-db9c-4678-8ab7-66f6cc099a59","type":"Scope"}]}]})"));
  const auto path = "/RegisteredApplications/" + text(app, "appId") + "/Consent?onBehalfOfAll=true";
  EXPECT_EQ(portal("POST", path, access_token(kPortalApp, "helpdesk@contoso.com")).status, 403);
  const auto admins = access_token(kPortalApp, kAdminAccount);
  EXPECT_EQ(portal("POST", path, admins).status, 204);
  EXPECT_EQ(portal("POST", path, admins).status, 204) << "again";
  const auto principal = text(get("/servicePrincipals(appId='" + text(app, "appId") + "')"), "id");
  EXPECT_EQ(list("/servicePrincipals/" + principal + "/appRoleAssignments").size(), 1u);
  const auto grants = list("/oauth2PermissionGrants?$filter=clientId%20eq%20'" + principal + "'");
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(grants.front().at("scope"), "User.Read User.Read.All");
  EXPECT_EQ(portal("POST", "/RegisteredApplications/11111111-1111-4111-8111-111111111111/Consent", admins).status, 404);
}

// The calls of `az ad sp create-for-rbac`, in its order.
TEST_F(GraphPrincipals, AzureClisWayToAnApp) {
  EXPECT_TRUE(list("/servicePrincipals?$filter=displayName%20eq%20%27robot%27").empty());
  EXPECT_TRUE(list("/applications?$filter=displayName%20eq%20%27robot%27").empty());
  const auto app = create("/applications", *parse_json(R"({"displayName":"robot","keyCredentials":[]})"));
  const auto secret = call("POST", "/applications/" + text(app, "id") + "/addPassword",
                           R"({"passwordCredential":{"displayName":"rbac","startDateTime":"2026-01-01T00:00:00.123456Z",
                               "endDateTime":"2027-01-01T00:00:00.123456Z"}})");
  EXPECT_EQ(secret.status, 200) << secret.body;
  const auto principal = create("/servicePrincipals", {{"appId", app.at("appId")}, {"accountEnabled", true}});
  EXPECT_EQ(list("/servicePrincipals?$filter=servicePrincipalNames%2Fany%28c%3Ac%20eq%20%27" + text(app, "appId") + "%27%29")
                .front()
                .at("id"),
            principal.at("id"));
}

}  // namespace
}  // namespace portalkey::sandbox
