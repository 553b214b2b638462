#include "base/base64.h"
#include "sandbox/wire/jws.h"
#include "tests/sandbox/entra/app_fixture.h"

namespace portalkey::sandbox {
namespace {

class EntraClientAuth : public EntraAppTest {
 protected:
  json::object header(std::string_view algorithm = "PS256") {
    return {{"typ", "JWT"}, {"alg", algorithm}, {"x5t#S256", base64url(first_key().sha256())}};
  }
  std::string assertion() { return signed_jwt(header(), assertion_claims(), first_key().key.get()); }
  /// The answer to an assertion that differs from a good one in one claim.
  HttpResponse with_claim(std::string_view name, json::value value) {
    auto claims = assertion_claims();
    if (value.is_null()) {
      claims.erase(json::string_view(name));
    } else {
      claims[name] = std::move(value);
    }
    return with_assertion(signed_jwt(header(), claims, first_key().key.get()));
  }
  std::string acr_of(const HttpResponse& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? string_member(claims_of(text_at(answer, "access_token")), "appidacr").value_or("") : "";
  }
};

TEST_F(EntraClientAuth, EverySpellingOfTheKeyIsUnderstood) {
  const auto& key = first_key();
  const json::object headers[] = {
      {{"alg", "PS256"}, {"x5t#S256", base64url(key.sha256())}},
      {{"alg", "RS256"}, {"x5t#S256", base64url(key.sha256())}},
      {{"alg", "RS256"}, {"x5t", base64url(key.sha1())}},
      {{"alg", "PS256"}, {"x5t", base64url(key.sha1()) + "="}},
      {{"alg", "RS256"}, {"x5t", base64url(key.sha1())}, {"kid", upper_hex(key.sha1())}},
      {{"alg", "RS256"}, {"kid", upper_hex(key.sha1())}},
      {{"alg", "RS256"}, {"kid", lower(upper_hex(key.sha1()))}},
      {{"alg", "RS256"}, {"kid", base64url(key.sha1())}},
      {{"alg", "PS256"}, {"kid", base64url(key.sha256())}},
  };
  for (const auto& one : headers) {
    EXPECT_EQ(acr_of(with_assertion(signed_jwt(one, assertion_claims(), key.key.get()))), "2") << json::serialize(one);
  }
}

TEST_F(EntraClientAuth, SecretAndCertificateAreToldApartInTheToken) {
  EXPECT_EQ(acr_of(with_secret(client_secret())), "1");
  EXPECT_EQ(acr_of(with_assertion(assertion())), "2");
  const auto own = post_form(v2(), "grant_type=client_credentials&client_id=" + client_id() +
                                       "&client_secret=" + percent_encode(client_secret()) +
                                       "&scope=" + percent_encode("api://" + client_id() + "/.default"));
  EXPECT_EQ(string_member(claims_of(text_at(own, "access_token")), "azpacr"), "1") << own.body;
}

TEST_F(EntraClientAuth, ClientIdMayComeFromTheAssertionAlone) {
  const auto answer =
      post_form(v2(),
                "grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default&client_assertion_type="
                "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" +
                    assertion());
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(EntraClientAuth, EveryNameOfTheTokenEndpointIsAnAudience) {
  const std::string id = tenant();
  for (const std::string& aud :
       {v1(), v2(), std::string(kLogin) + "/contoso.com/oauth2/v2.0/token", std::string(kLogin) + '/' + id + "/v2.0",
        "https://login.windows.net/" + id + "/oauth2/token", "https://sts.windows.net/" + id + '/',
        std::string(kLogin) + '/' + id + "/oauth2/v2.0/token/"}) {
    EXPECT_EQ(with_claim("aud", json::value(aud)).status, 200) << aud;
  }
  EXPECT_EQ(with_claim("aud", json::array{v2()}).status, 200) << "an array of one";
  for (const std::string& aud :
       {std::string("https://login.microsoftonline.us/") + id + "/oauth2/v2.0/token",
        std::string(kLogin) + "/00000000-1111-4222-8333-444444444444/oauth2/v2.0/token", std::string("https://vault.azure.net"),
        std::string(kLogin) + '/' + id + "/oauth2/v2.0/devicecode", "http://login.microsoftonline.com/" + id + "/oauth2/token",
        std::string("api://AzureADTokenExchange")}) {
    const auto answer = with_claim("aud", json::value(aud));
    EXPECT_EQ(aadsts_of(answer), 700023) << aud << answer.body;
    EXPECT_EQ(answer.status, 401);
  }
  EXPECT_EQ(aadsts_of(with_claim("aud", nullptr)), 700023);
}

TEST_F(EntraClientAuth, UnknownKeyNamesItsThumbprint) {
  const auto& other = second_key();
  const json::object head{{"alg", "RS256"}, {"x5t", base64url(other.sha1())}};
  const auto answer = with_assertion(signed_jwt(head, assertion_claims(), other.key.get()));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(aadsts_of(answer), 700027);
  EXPECT_EQ(text_at(answer, "error"), "invalid_client");
  EXPECT_NE(text_at(answer, "error_description")
                .find("The key was not found., Thumbprint of key used by client: '" + upper_hex(other.sha1()) + "'"),
            std::string::npos)
      << answer.body;
}

TEST_F(EntraClientAuth, SignatureMustBeTheKeysOwnByTheNamedAlgorithm) {
  const auto refused = [&](const std::string& jwt) {
    const auto answer = with_assertion(jwt);
    EXPECT_EQ(aadsts_of(answer), 700027) << answer.body;
    EXPECT_NE(text_at(answer, "error_description").find("did not match the expected signature value"), std::string::npos);
    EXPECT_NE(text_at(answer, "error_description").find("Found key 'Start=12/31/2025"), std::string::npos) << answer.body;
  };
  refused(signed_jwt(header(), assertion_claims(), second_key().key.get()));

  // PSS announced, PKCS #1 made, and the other way about.
  const std::string pkcs = signed_jwt(header("RS256"), assertion_claims(), first_key().key.get());
  const std::string pss = signed_jwt(header("PS256"), assertion_claims(), first_key().key.get());
  const auto signature = [](const std::string& jwt) { return jwt.substr(jwt.rfind('.')); };
  const auto content = [](const std::string& jwt) { return jwt.substr(0, jwt.rfind('.')); };
  refused(content(pss) + signature(pkcs));
  refused(content(pkcs) + signature(pss));

  // Content changed after it was signed.
  auto claims = assertion_claims();
  claims["exp"] = now() + 60000;
  const std::string other = signed_jwt(header(), claims, first_key().key.get());
  refused(content(other) + signature(pss));
}

TEST_F(EntraClientAuth, NoOtherAlgorithmPasses) {
  for (const auto* algorithm : {"none", "HS256", "RS384", "ES256", ""}) {
    auto head = header();
    head["alg"] = algorithm;
    EXPECT_EQ(aadsts_of(with_assertion(signed_jwt(head, assertion_claims(), first_key().key.get()))), 50027) << algorithm;
  }
  auto head = header();
  head["crit"] = json::array{"exp"};
  EXPECT_EQ(aadsts_of(with_assertion(signed_jwt(head, assertion_claims(), first_key().key.get()))), 50027);
}

TEST_F(EntraClientAuth, MalformedAssertionsAreTold) {
  const std::string good = assertion();
  for (const std::string& bad : {std::string("garbage"), std::string("a.b"), std::string("a.b.c"), good + ".x",
                                 good.substr(0, good.rfind('.')), std::string("e30.e30.e30")}) {
    const auto answer = with_assertion(bad);
    EXPECT_EQ(aadsts_of(answer), 50027) << bad << answer.body;
    EXPECT_EQ(answer.status, 401);
  }
  const json::object head{{"alg", "PS256"}};
  const auto answer = with_assertion(signed_jwt(head, assertion_claims(), first_key().key.get()));
  EXPECT_EQ(aadsts_of(answer), 50027);
  EXPECT_NE(text_at(answer, "error_description").find("No certificate thumbprint"), std::string::npos);
}

TEST_F(EntraClientAuth, TimesMayBeOffByFiveMinutes) {
  EXPECT_EQ(with_claim("exp", now() - 299).status, 200);
  EXPECT_EQ(with_claim("nbf", now() + 300).status, 200);
  const auto late = with_claim("exp", now() - 300);
  EXPECT_EQ(aadsts_of(late), 700024);
  EXPECT_EQ(late.status, 401);
  EXPECT_NE(text_at(late, "error_description").find("Current time: 2026-01-01T00:00:00.0000000Z"), std::string::npos);
  EXPECT_EQ(aadsts_of(with_claim("nbf", now() + 301)), 700024);
  EXPECT_EQ(aadsts_of(with_claim("exp", nullptr)), 50027);
  EXPECT_EQ(aadsts_of(with_claim("exp", "soon")), 50027);
  EXPECT_EQ(with_claim("exp", static_cast<double>(now()) - 298.5).status, 200) << "a fraction, as MSAL for Python sends it";
  EXPECT_EQ(aadsts_of(with_claim("exp", static_cast<double>(now()) - 299.5)), 700024);
  EXPECT_EQ(aadsts_of(with_claim("exp", 1e300)), 50027);
}

TEST_F(EntraClientAuth, IssuerAndSubjectAreTheClient) {
  const std::string other = "00000000-1111-4222-8333-444444444444";
  EXPECT_EQ(aadsts_of(with_claim("iss", json::value(other))), 700021);
  EXPECT_EQ(aadsts_of(with_claim("sub", json::value(other))), 700021);
  EXPECT_EQ(aadsts_of(with_claim("iss", nullptr)), 50027);
}

TEST_F(EntraClientAuth, KeysHaveTheirTime) {
  app().keys[0].end = now() - 1;
  const auto expired = with_assertion(assertion());
  EXPECT_EQ(aadsts_of(expired), 700027);
  EXPECT_NE(text_at(expired, "error_description").find("The key used is expired."), std::string::npos);
  app().keys[0].end = 0;
  app().keys[0].start = now() + 1;
  EXPECT_EQ(aadsts_of(with_assertion(assertion())), 700027);
  app().keys[0].start = 0;
  EXPECT_EQ(with_assertion(assertion()).status, 200);
  advance(std::chrono::days(400));
  EXPECT_EQ(aadsts_of(with_assertion(assertion())), 700027) << "the certificate itself is over";
}

TEST_F(EntraClientAuth, SecondKeyOfAnAppIsAsGood) {
  app().keys.push_back({"key 2", "second", second_key().der_base64(), 0, 0});
  const json::object head{{"alg", "PS256"}, {"x5t#S256", base64url(second_key().sha256())}};
  EXPECT_EQ(with_assertion(signed_jwt(head, assertion_claims(), second_key().key.get())).status, 200);
}

TEST_F(EntraClientAuth, AssertionTypeIsDemanded) {
  const std::string base = "grant_type=client_credentials&client_id=" + client_id() +
                           "&scope=https%3A%2F%2Fvault.azure.net%2F.default&client_assertion=" + assertion();
  EXPECT_EQ(aadsts_of(post_form(v2(), base)), 900144);
  EXPECT_EQ(aadsts_of(post_form(v2(), base + "&client_assertion_type=saml")), 700026);
}

TEST_F(EntraClientAuth, SecretsHaveTheirTime) {
  auto& passwords = app().passwords;
  passwords = {{"id 1", "old", "old~secret", now() - 1000, now()}, {"id 2", "new", "new~secret", now() - 10, now() + 1000}};
  const auto expired = with_secret("old~secret");
  EXPECT_EQ(aadsts_of(expired), 7000222);
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(text_at(expired, "error"), "invalid_client");
  EXPECT_EQ(with_secret("new~secret").status, 200);
  const auto wrong = with_secret("id 2");
  EXPECT_EQ(aadsts_of(wrong), 7000215) << "the secret's id instead of the secret";
  EXPECT_EQ(wrong.status, 401);
  passwords[1].start = now() + 1;
  EXPECT_EQ(aadsts_of(with_secret("new~secret")), 7000215);
  passwords.clear();
  EXPECT_EQ(aadsts_of(with_secret("new~secret")), 7000215);
}

TEST_F(EntraClientAuth, ServicePrincipalMustBeThereAndEnabled) {
  principal().enabled = false;
  EXPECT_EQ(aadsts_of(with_secret(client_secret())), 7000112);
  EXPECT_EQ(aadsts_of(with_secret("wrong")), 7000215) << "who proves nothing learns nothing";
  emulator->world().state.service_principals.clear();
  const auto answer = with_secret(client_secret());
  EXPECT_EQ(aadsts_of(answer), 7000229);
  EXPECT_EQ(text_at(answer, "error"), "unauthorized_client");
}

TEST_F(EntraClientAuth, FreshObjectsAreUnknownUntilTheyAreReplicated) {
  policy(R"({"replicationDelay":60})");
  const auto secret = [&] { return aadsts_of(with_secret(client_secret())); };
  app().created = now();
  EXPECT_EQ(secret(), 700016);
  advance(std::chrono::seconds(60));
  principal().created = now();
  EXPECT_EQ(secret(), 7000229);
  advance(std::chrono::seconds(60));
  app().passwords[0].created = now();
  app().keys[0].created = now();
  EXPECT_EQ(secret(), 7000215);
  EXPECT_EQ(aadsts_of(with_assertion(assertion())), 700027);
  advance(std::chrono::seconds(60));
  EXPECT_EQ(with_secret(client_secret()).status, 200);
  EXPECT_EQ(with_assertion(assertion()).status, 200);
}

TEST_F(EntraClientAuth, RolesOfAppsAndUsersAreInTheTokensOfAnApi) {
  const std::string role = "5b3a1a55-0000-4000-8000-000000000001";
  settings(R"({"api":{"requestedAccessTokenVersion":2},"appRoles":[{"id":")" + role + R"(","value":"Tokens.Read"}]})");
  const std::string api = "api://" + client_id();
  EXPECT_EQ(member(claims_of(app_token(api)), "roles"), nullptr) << "no role, no claim";
  auto& state = emulator->world().state;
  const auto* user = find_user(emulator->world(), kAdminAccount);
  state.app_role_assignments["1"] = {"1", principal().object_id, "ServicePrincipal", principal().object_id, role, 0};
  state.app_role_assignments["2"] = {"2", user->oid, "User", principal().object_id, role, 0};
  EXPECT_EQ(claims_of(app_token(api)).at("roles"), json::array{"Tokens.Read"});
  EXPECT_EQ(claims_of(access_token(api, kAdminAccount)).at("roles"), json::array{"Tokens.Read"});
  EXPECT_EQ(member(claims_of(access_token(api, "helpdesk@contoso.com")), "roles"), nullptr);
  EXPECT_EQ(member(claims_of(app_token("https://vault.azure.net")), "roles"), nullptr);
}

TEST_F(EntraClientAuth, GrantedPermissionsAreTheScopesOfDefault) {
  settings(R"({"isFallbackPublicClient":true})");
  auto& state = emulator->world().state;
  const auto* graph = find_service_principal(emulator->world(), "00000003-0000-0000-c000-000000000000");
  ASSERT_NE(graph, nullptr);
  state.permission_grants["1"] = {"1", principal().object_id, "AllPrincipals", "", graph->object_id, "openid User.Read.All"};
  state.permission_grants["2"] = {"2", principal().object_id, "Principal", "somebody else", graph->object_id, "Mail.Read"};
  const std::string who = "client_id=" + client_id();
  const std::string base = std::string(kLogin) + "/contoso.com/oauth2/";
  const auto device =
      text_at(post_form(base + "devicecode", who + "&resource=https%3A%2F%2Fgraph.microsoft.com"), "device_code");
  const auto tokens = post_form(base + "token", who + "&grant_type=device_code&code=" + device);
  EXPECT_EQ(text_at(tokens, "scope"), "User.Read.All") << tokens.body;
}

TEST_F(EntraClientAuth, PublicClientsMustNotSendProof) {
  for (const std::string& proof :
       {std::string("&client_secret=x"), "&client_assertion_type=x&client_assertion=" + assertion()}) {
    EXPECT_EQ(aadsts_of(post_form(v2(), "grant_type=client_credentials&client_id=" + std::string(kAzureCli) + proof)), 700025);
  }
}

TEST_F(EntraClientAuth, PolicyCanRefuseWorkloads) {
  policy(R"({"workloadError":53003})");
  const auto answer = with_secret(client_secret());
  EXPECT_EQ(aadsts_of(answer), 53003);
  EXPECT_NE(text_at(answer, "claims").find("capolids"), std::string::npos);
  EXPECT_EQ(aadsts_of(with_assertion(assertion())), 53003);
  EXPECT_FALSE(access_token(kPortalApp).empty()) << "users are not workloads";
  policy(R"({"workloadError":null})");
  EXPECT_EQ(with_secret(client_secret()).status, 200);
  EXPECT_EQ(admin("POST", "/policy", R"({"workloadError":1})").status, 400);
}

TEST_F(EntraClientAuth, EachFailureCanBeForced) {
  for (const int code : {7000222, 7000215, 700016, 700027, 53003, 50076, 50079}) {
    policy(R"({"workloadError":)" + std::to_string(code) + '}');
    EXPECT_EQ(aadsts_of(with_secret(client_secret())), code);
    policy(R"({"workloadError":null,"signInError":)" + std::to_string(code) + '}');
    const std::string who = "client_id=" + std::string(kAzureCli) + "&resource=https%3A%2F%2Fvault.azure.net";
    const std::string base = std::string(kLogin) + "/contoso.com/oauth2/";
    const auto device = text_at(post_form(base + "devicecode", who), "device_code");
    EXPECT_EQ(aadsts_of(post_form(base + "token", who + "&grant_type=device_code&code=" + device)), code);
    policy(R"({"signInError":null})");
  }
}

}  // namespace
}  // namespace portalkey::sandbox
