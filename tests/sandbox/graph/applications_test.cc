#include "base/base64.h"
#include "tests/sandbox/graph/fixture.h"

namespace portalkey::sandbox {
namespace {

class GraphApplications : public GraphTest {
 protected:
  HttpResponse patch(const json::object& app, const json::value& body) {
    return call("PATCH", "/applications/" + text(app, "id"), json::serialize(body));
  }
  json::object read(const json::object& app, std::string_view more = {}) {
    return get("/applications/" + text(app, "id") + std::string(more));
  }
  /// The AADSTS code that the app meets when it asks for a token with this secret; 0 if it gets one.
  std::int64_t sign_in_error(const json::object& app, std::string_view secret) {
    const auto answer =
        post_form(std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/token",
                  "grant_type=client_credentials&client_id=" + text(app, "appId") + "&client_secret=" + percent_encode(secret) +
                      "&scope=" + percent_encode("https://vault.azure.net/.default"));
    return answer.status == 200 ? 0 : aadsts_of(answer);
  }
};

TEST_F(GraphApplications, CreatedOnesHaveEveryProperty) {
  const auto answer = call("POST", "/applications", R"({"displayName":"new","signInAudience":"AzureADMyOrg",
      "publicClient":{"redirectUris":["http://localhost"]},"api":{"requestedAccessTokenVersion":2}})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto app = object_of(answer);
  EXPECT_EQ(answer.header("location"), std::string(kGraph) + "/applications/" + text(app, "id"));
  EXPECT_EQ(text(app, "@odata.context"), std::string(kGraph) + "/$metadata#applications/$entity");
  EXPECT_TRUE(is_guid(text(app, "id")));
  EXPECT_TRUE(is_guid(text(app, "appId")));
  EXPECT_NE(text(app, "id"), text(app, "appId"));
  EXPECT_EQ(text(app, "createdDateTime"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(app.at("api").at("requestedAccessTokenVersion"), 2);
  EXPECT_EQ(app.at("api").at("oauth2PermissionScopes"), json::array()) << "members left out have their defaults";
  for (const auto* name : {"addIns", "appRoles", "identifierUris", "keyCredentials", "passwordCredentials",
                           "requiredResourceAccess", "spa", "tags", "web", "publisherDomain", "notes"}) {
    EXPECT_NE(member(app, name), nullptr) << name;
  }
  EXPECT_EQ(read(app), app);
  auto by_app_id = get("/applications(appId='" + text(app, "appId") + "')");
  EXPECT_EQ(by_app_id, app);
}

TEST_F(GraphApplications, RefusesWhatGraphRefuses) {
  struct Row {
    std::string_view body, code;
  };
  const Row rows[] = {
      {"", "BadRequest"},
      {"[]", "BadRequest"},
      {"{}", "Request_BadRequest"},
      {R"({"displayName":""})", "Request_BadRequest"},
      {R"({"displayName":5})", "Request_BadRequest"},
      {R"({"displayName":"x","colour":"red"})", "BadRequest"},
      {R"({"displayName":"x","appId":"11111111-1111-4111-8111-111111111111"})", "Request_BadRequest"},
      {R"({"displayName":"x","signInAudience":"Everybody"})", "Request_BadRequest"},
      {R"({"displayName":"x","tags":"one"})", "Request_BadRequest"},
      {R"({"displayName":"x","web":[]})", "Request_BadRequest"},
      {R"({"displayName":"x","web":{"redirectUris":["http://contoso.com"]}})", "Request_BadRequest"},
      {R"({"displayName":"x","publicClient":{"redirectUris":["nonsense"]}})", "Request_BadRequest"},
      {R"({"displayName":"x","identifierUris":["https://fabrikam.com/api"]})", "HostNameNotOnVerifiedDomain"},
      {R"({"displayName":"x","identifierUris":["nonsense"]})", "Request_BadRequest"},
      {R"({"displayName":"x","appRoles":[{"id":"no guid"}]})", "Request_BadRequest"},
      {R"({"displayName":"x","appRoles":[{"id":"11111111-1111-4111-8111-111111111111","value":"A"},
                                         {"id":"21111111-1111-4111-8111-111111111111","value":"a"}]})",
       "Request_BadRequest"},
      {R"({"displayName":"x","passwordCredentials":[{"displayName":"mine"}]})", "CannotUpdatePasswordCredential"},
      {R"({"displayName":"x","keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"AAAA"}]})",
       "Request_BadRequest"},
  };
  for (const auto& row : rows) {
    const auto answer = call("POST", "/applications", std::string(row.body));
    EXPECT_EQ(answer.status, 400) << row.body;
    EXPECT_EQ(code_of(answer), row.code) << row.body << answer.body;
  }
  EXPECT_EQ(emulator->world().state.apps.size(), 1u);
}

TEST_F(GraphApplications, PatchMergesObjectsAndReplacesLists) {
  const auto app = create("/applications", *parse_json(R"({"displayName":"x","web":{"redirectUris":["https://a.example"],
      "homePageUrl":"https://home.example"}})"));
  EXPECT_EQ(patch(app, {{"web", {{"redirectUris", json::array{"https://b.example"}}}}}).status, 204);
  const auto web = read(app).at("web");
  EXPECT_EQ(web.at("redirectUris"), json::array{"https://b.example"});
  EXPECT_EQ(web.at("homePageUrl"), "https://home.example");
  EXPECT_EQ(web.at("implicitGrantSettings").at("enableIdTokenIssuance"), false);
}

TEST_F(GraphApplications, IdentifierUrisBelongToOneApp) {
  const auto one = create_app("one"), two = create_app("two");
  const json::value body{{"identifierUris", json::array{"api://" + text(one, "appId")}}};
  EXPECT_EQ(patch(one, body).status, 204);
  EXPECT_EQ(patch(one, body).status, 204) << "its own again";
  const auto answer = patch(two, body);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(code_of(answer), "Request_MultipleObjectsWithSameKeyValue");
  EXPECT_EQ(list("/applications?$filter=identifierUris/any(s:s%20eq%20'api://" + text(one, "appId") + "')").size(), 1u);
}

TEST_F(GraphApplications, EnabledRolesMustBeDisabledBeforeTheyGo) {
  const std::string role =
      R"({"id":"11111111-1111-4111-8111-111111111111","value":"Tokens.Read","displayName":"Read","description":"d",
      "allowedMemberTypes":["Application"],"isEnabled":)";
  const auto app = create("/applications", *parse_json(R"({"displayName":"x","appRoles":[)" + role + "true}]}"));
  const auto refused = patch(app, {{"appRoles", json::array()}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "CannotDeleteOrUpdateEnabledEntitlement");
  EXPECT_EQ(patch(app, *parse_json(R"({"appRoles":[)" + role + "false}]}")).status, 204);
  EXPECT_EQ(patch(app, {{"appRoles", json::array()}}).status, 204);
  EXPECT_EQ(read(app).at("appRoles"), json::array());
}

TEST_F(GraphApplications, SecretsAreShownOnceAndWork) {
  const auto app = create_app("with a secret");
  create_principal(app);
  const auto path = "/applications/" + text(app, "id");
  const auto answer = call("POST", path + "/addPassword",
                           R"({"passwordCredential":{"displayName":"ci","endDateTime":"2026-07-01T00:00:00Z"}})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto made = object_of(answer);
  const auto secret = text(made, "secretText");
  EXPECT_EQ(secret.size(), 40u);
  EXPECT_EQ(text(made, "hint"), secret.substr(0, 3));
  EXPECT_EQ(text(made, "displayName"), "ci");
  EXPECT_EQ(text(made, "startDateTime"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(sign_in_error(app, secret), 0);
  EXPECT_EQ(call("GET", path).body.find(secret), std::string::npos);
  const auto shown = read(app).at("passwordCredentials").at(0).get_object();
  EXPECT_EQ(text(shown, "keyId"), text(made, "keyId"));
  EXPECT_TRUE(shown.at("secretText").is_null());

  EXPECT_EQ(call("POST", path + "/addPassword", R"({"passwordCredential":{"endDateTime":"2025-01-01T00:00:00Z"}})").status,
            400);
  EXPECT_EQ(call("POST", path + "/addPassword", R"({"passwordCredential":{"endDateTime":"soon"}})").status, 400);
  const auto by_default = object_of(call("POST", path + "/addPassword"));
  EXPECT_EQ(text(by_default, "endDateTime").substr(0, 10), "2028-01-01");

  EXPECT_EQ(call("POST", path + "/removePassword", R"({"keyId":"11111111-1111-4111-8111-111111111111"})").status, 400);
  EXPECT_EQ(call("POST", path + "/removePassword", json::serialize(json::object{{"keyId", made.at("keyId")}})).status, 204);
  EXPECT_EQ(sign_in_error(app, secret), 7000215);
}

TEST_F(GraphApplications, NewIdentifierUrisNameTheTenantOrTheApp) {
  const auto app = create_app("identified");
  const std::string id = text(app, "appId");
  const auto status = [&](const std::string& uri) {
    return patch(app, {{"identifierUris", json::array{json::value(uri)}}}).status;
  };
  for (const auto& uri :
       {"api://" + id, "api://" + tenant() + "/tokens", "api://tokens/" + id, std::string("api://contoso.com/tokens"),
        std::string("https://tokens.contoso.com"), "custom://x/" + tenant()}) {
    EXPECT_EQ(status(uri), 204) << uri;
  }
  const auto refused = patch(app, {{"identifierUris", json::array{"api://tokens"}}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "HostNameNotOnVerifiedDomain");
  EXPECT_NE(refused.body.find("Failed to add identifier URI api://tokens. All newly added URIs must contain"),
            std::string::npos);
  for (const auto* uri : {"https://fabrikam.com/contoso.com", "https://contoso.com.fabrikam.com", "api://notcontoso.com"}) {
    EXPECT_EQ(status(uri), 400) << uri;
  }
  EXPECT_EQ(patch(app, {{"api", {{"requestedAccessTokenVersion", 2}}}, {"identifierUris", json::array{"api://tokens"}}}).status,
            204)
      << "tokens of version 2 name the app by its id";
  EXPECT_EQ(patch(app, {{"api", {{"requestedAccessTokenVersion", nullptr}}}}).status, 204);
  EXPECT_EQ(patch(app, {{"identifierUris", json::array{"api://tokens", json::value("api://" + id)}}}).status, 204)
      << "old ones stay";
}

TEST_F(GraphApplications, CertificatesReplaceTheCollection) {
  const TestCertificate own;
  const auto app = create_app("with a certificate");
  const json::object credential{
      {"type", "AsymmetricX509Cert"}, {"usage", "Verify"}, {"key", own.certificate}, {"displayName", "CN=portalkey"}};
  ASSERT_EQ(patch(app, {{"keyCredentials", json::array{credential}}}).status, 204);
  const auto shown = read(app).at("keyCredentials").at(0).get_object();
  EXPECT_TRUE(shown.at("key").is_null()) << "only when asked for";
  EXPECT_EQ(text(shown, "customKeyIdentifier").size(), 40u);
  auto with_key = read(app, "?$select=id,keyCredentials").at("keyCredentials").at(0).get_object();
  EXPECT_EQ(text(with_key, "key"), own.certificate);

  // What was read is sent back, so that it stays; what is left out goes.
  ASSERT_EQ(patch(app, {{"keyCredentials", json::array{with_key, credential}}}).status, 204);
  EXPECT_EQ(read(app).at("keyCredentials").get_array().size(), 2u);
  EXPECT_EQ(read(app).at("keyCredentials").at(0).at("keyId"), with_key.at("keyId"));
  auto broken = credential;  // as azure-cli sends it
  auto lines = own.certificate;
  for (std::size_t i = 64; i < lines.size(); i += 65) lines.insert(i, "\n");
  broken["key"] = lines;
  EXPECT_EQ(patch(app, {{"keyCredentials", json::array{broken}}}).status, 204);
  EXPECT_EQ(emulator->world().state.apps.at(text(app, "appId")).keys.front().certificate, own.certificate);
  auto too_long = credential;
  too_long["endDateTime"] = "2999-01-01T00:00:00Z";
  EXPECT_EQ(patch(app, {{"keyCredentials", json::array{too_long}}}).status, 400) << "beyond the certificate's own end";
  ASSERT_EQ(patch(app, {{"keyCredentials", json::array()}}).status, 204);
  EXPECT_EQ(read(app).at("keyCredentials").get_array().size(), 0u);
}

TEST_F(GraphApplications, AddKeyWantsAProof) {
  const TestCertificate own;
  const auto app = create_app("rolls its key");
  const auto path = "/applications/" + text(app, "id");
  const json::object credential{{"type", "AsymmetricX509Cert"}, {"usage", "Verify"}, {"key", own.certificate}};
  const auto now = emulator->world().clock.seconds();
  json::object claims{
      {"aud", "00000002-0000-0000-c000-000000000000"}, {"iss", text(app, "id")}, {"nbf", now}, {"exp", now + 600}};
  const auto add = [&](const json::object& what) {
    return call("POST", path + "/addKey",
                json::serialize(
                    json::object{{"keyCredential", credential}, {"passwordCredential", nullptr}, {"proof", own.sign(what)}}));
  };
  EXPECT_EQ(add(claims).status, 401) << "there is no key yet that could have signed";
  ASSERT_EQ(patch(app, {{"keyCredentials", json::array{credential}}}).status, 204);
  const auto added = add(claims);
  ASSERT_EQ(added.status, 200) << added.body;
  auto wrong = claims;
  wrong["iss"] = text(app, "appId");
  EXPECT_EQ(add(wrong).status, 401);
  wrong = claims;
  wrong["exp"] = now + 3600;
  EXPECT_EQ(add(wrong).status, 401) << "ten minutes at most";
  wrong = claims;
  wrong["aud"] = "https://graph.microsoft.com";
  EXPECT_EQ(add(wrong).status, 401);
  const json::object remove{{"keyId", object_of(added).at("keyId")}, {"proof", own.sign(claims)}};
  EXPECT_EQ(call("POST", path + "/removeKey", json::serialize(remove)).status, 204);
  EXPECT_EQ(read(app).at("keyCredentials").get_array().size(), 1u);
}

TEST_F(GraphApplications, FederatedCredentials) {
  const auto app = create_app("federated");
  const auto path = "/applications/" + text(app, "id") + "/federatedIdentityCredentials";
  const auto credential = [](const std::string& name, const std::string& subject) {
    return json::object{{"name", name},
                        {"issuer", "https://token.actions.githubusercontent.com"},
                        {"subject", subject},
                        {"audiences", json::array{"api://AzureADTokenExchange"}}};
  };
  const auto made = create(path, credential("ci-0", "repo:contoso/x:ref:refs/heads/0"));
  EXPECT_EQ(get(path + '/' + text(made, "id")).at("name"), "ci-0");
  EXPECT_EQ(get(path + "/ci-0").at("id"), made.at("id"));
  const auto post = [&](const json::object& body) { return call("POST", path, json::serialize(body)); };
  EXPECT_EQ(post(credential("ci-0", "another")).status, 409);
  EXPECT_EQ(post(credential("ci-1", "repo:contoso/x:ref:refs/heads/0")).status, 409) << "issuer and subject are taken";
  EXPECT_EQ(post(credential("no/name", "s")).status, 400);
  EXPECT_EQ(post(credential("ci-1", "")).status, 400);
  auto two = credential("ci-1", "s");
  two["audiences"] = json::array{"a", "b"};
  EXPECT_EQ(post(two).status, 400);
  EXPECT_EQ(call("PATCH", path + "/ci-0", R"({"subject":"changed","description":"d"})").status, 204);
  EXPECT_EQ(call("PATCH", path + "/ci-0", R"({"name":"other"})").status, 400);
  EXPECT_EQ(text(get(path + "/ci-0"), "subject"), "changed");
  for (int i = 1; i < 20; ++i) create(path, credential("ci-" + std::to_string(i), "s" + std::to_string(i)));
  EXPECT_EQ(post(credential("ci-20", "s20")).status, 403);
  EXPECT_EQ(call("DELETE", path + "/ci-0").status, 204);
  EXPECT_EQ(call("GET", path + "/ci-0").status, 404);
  EXPECT_EQ(list(path).size(), 19u);
}

TEST_F(GraphApplications, DeletingTakesThePrincipalAndItsGrants) {
  const auto app = create_app("short-lived");
  const auto principal = create_principal(app);
  create("/oauth2PermissionGrants", {{"clientId", text(principal, "id")},
                                     {"consentType", "AllPrincipals"},
                                     {"resourceId", principal_of(kGraphAppId)},
                                     {"scope", "User.Read"}});
  EXPECT_EQ(call("DELETE", "/applications/" + text(app, "id")).status, 204);
  EXPECT_EQ(call("GET", "/applications/" + text(app, "id")).status, 404);
  EXPECT_EQ(call("GET", "/servicePrincipals/" + text(principal, "id")).status, 404);
  EXPECT_TRUE(list("/oauth2PermissionGrants").empty());
  const auto own = list("/applications").front().at("id");
  EXPECT_EQ(call("DELETE", "/applications/" + std::string(own.get_string())).status, 400) << "the sandbox's own";
}

TEST_F(GraphApplications, FreshOnesAreSeenLater) {
  policy(R"({"replicationDelay":30})");
  const auto app = create_app("fresh");
  const auto path = "/applications/" + text(app, "id");
  EXPECT_EQ(call("GET", path).status, 404);
  EXPECT_TRUE(list("/applications?$filter=displayName%20eq%20'fresh'").empty());
  const auto early = call("POST", "/servicePrincipals", json::serialize(json::object{{"appId", app.at("appId")}}));
  EXPECT_EQ(early.status, 400);
  EXPECT_NE(early.body.find(" does not reference a valid application object"), std::string::npos) << "azure-cli reads this";
  advance(std::chrono::seconds(30));
  EXPECT_EQ(call("GET", path).status, 200);
  const auto principal = create_principal(app);
  EXPECT_EQ(call("GET", "/servicePrincipals/" + text(principal, "id")).status, 404);
  advance(std::chrono::seconds(30));
  EXPECT_EQ(call("GET", "/servicePrincipals/" + text(principal, "id")).status, 200);
}

TEST_F(GraphApplications, FreshOnesAreMissedSoManyTimes) {
  policy(R"({"replicationMisses":2})");
  const auto path = "/applications/" + text(create_app("fresh"), "id");
  EXPECT_EQ(call("GET", path).status, 404);
  EXPECT_EQ(call("GET", path).status, 404);
  EXPECT_EQ(call("GET", path).status, 200);
  EXPECT_EQ(admin("POST", "/policy", R"({"replicationMisses":-1})").status, 400);
}

}  // namespace
}  // namespace portalkey::sandbox
