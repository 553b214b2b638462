#include <set>

#include "base/base64.h"
#include "sandbox/entra/errors.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class EntraToken : public SandboxTest {
 protected:
  std::string v1() { return std::string(kLogin) + '/' + tenant() + "/oauth2/token"; }
  std::string v2() { return std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/token"; }
  std::string refresh_body(std::string_view token, std::string_view client = kAzurePowerShell) {
    return "grant_type=refresh_token&client_id=" + std::string(client) + "&refresh_token=" + percent_encode(token);
  }
  std::string refresh_token(std::string_view upn = {}) {
    return string_member(sign_in(kPortalApp, upn), "refresh_token").value_or("");
  }
};

TEST_F(EntraToken, Version1AnswersInStrings) {
  const auto answer = post_form(v1(), refresh_body(refresh_token()) + "&resource=" + std::string(kPortalApp));
  ASSERT_EQ(answer.status, 200) << answer.body;
  for (const auto& item : object_of(answer)) EXPECT_TRUE(item.value().is_string()) << item.key();
  EXPECT_EQ(text_at(answer, "resource"), kPortalApp);
  EXPECT_EQ(text_at(answer, "scope"), "user_impersonation");
  const auto lifetime = std::stol(text_at(answer, "expires_in"));
  EXPECT_GE(lifetime, 3600);
  EXPECT_LE(lifetime, 5400);
  EXPECT_EQ(std::stol(text_at(answer, "expires_on")), 1'767'225'600 + lifetime);
  EXPECT_GT(text_at(answer, "refresh_token").size(), 900u);
  EXPECT_EQ(answer.header("cache-control"), "no-store, no-cache");
  EXPECT_FALSE(answer.header("x-ms-request-id").empty());
}

TEST_F(EntraToken, Version2AnswersInNumbersAndGivesARefreshTokenOnlyWhenAsked) {
  const auto token = refresh_token();
  const std::string scope = "&scope=" + percent_encode(std::string(kPortalApp) + "/.default");
  const auto without = object_of(post_form(v2(), refresh_body(token) + scope));
  EXPECT_TRUE(int_member(without, "expires_in"));
  EXPECT_EQ(string_member(without, "scope"),
            std::string(kPortalApp) + "/user_impersonation " + std::string(kPortalApp) + "/.default");
  for (const auto* name : {"expires_on", "not_before", "resource", "refresh_token", "id_token"})
    EXPECT_EQ(member(without, name), nullptr) << name;
  const auto with = object_of(post_form(v2(), refresh_body(token) + scope + "+offline_access+openid&client_info=1"));
  for (const auto* name : {"refresh_token", "id_token", "client_info"}) EXPECT_NE(member(with, name), nullptr) << name;
}

TEST_F(EntraToken, AccessTokenHasTheClaimsOfARealOne) {
  const auto claims = claims_of(access_token(kPortalApp));
  EXPECT_EQ(string_member(claims, "aud"), kPortalApp);
  EXPECT_EQ(string_member(claims, "iss"), "https://sts.windows.net/" + tenant() + '/');
  EXPECT_EQ(string_member(claims, "ver"), "1.0");
  EXPECT_EQ(string_member(claims, "appid"), kAzurePowerShell);
  EXPECT_EQ(string_member(claims, "appidacr"), "0");
  EXPECT_EQ(string_member(claims, "scp"), "user_impersonation");
  EXPECT_EQ(string_member(claims, "upn"), kServiceAccount);
  EXPECT_EQ(json::serialize(*member(claims, "amr")), R"(["pwd","mfa"])");
  EXPECT_NE(json::serialize(*member(claims, "wids")).find("62e90394-69f5-4237-9190-012177145e10"), std::string::npos);
  EXPECT_EQ(string_member(claims_of(access_token("https://main.iam.ad.ext.azure.com")), "aud"),
            "https://main.iam.ad.ext.azure.com");
}

TEST_F(EntraToken, AppTokenIsAnApps) {
  const auto claims = claims_of(app_token("https://vault.azure.net"));
  EXPECT_EQ(string_member(claims, "idtyp"), "app");
  EXPECT_EQ(string_member(claims, "appidacr"), "1");
  EXPECT_EQ(member(claims, "scp"), nullptr);
  const auto basic = post_form(v2(), "grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default",
                               {{"authorization", "Basic " + base64(client_id() + ':' + percent_encode(client_secret()))}});
  EXPECT_EQ(basic.status, 200) << basic.body;
  EXPECT_EQ(member(object_of(basic), "refresh_token"), nullptr);
}

TEST_F(EntraToken, OwnApiTakesVersion2Tokens) {
  const auto claims = claims_of(access_token("api://" + client_id()));
  EXPECT_EQ(string_member(claims, "ver"), "2.0");
  EXPECT_EQ(string_member(claims, "aud"), client_id());
  EXPECT_EQ(string_member(claims, "iss"), std::string(kLogin) + '/' + tenant() + "/v2.0");
  EXPECT_EQ(string_member(claims, "azp"), kAzurePowerShell);
}

TEST_F(EntraToken, EachMistakeHasItsCode) {
  const auto token = refresh_token();
  const std::string good = refresh_body(token);
  const std::string app = "&client_id=" + client_id();
  const std::string secret = "&client_secret=" + percent_encode(client_secret());
  const std::string other_tenant = "00000000-1111-4222-8333-444444444444";
  struct Row {
    std::string url, body;
    int code, status;
    std::string_view error;
  };
  const Row rows[] = {
      {v1(), "client_id=x", 900144, 400, "invalid_request"},
      {v1(), "grant_type=refresh_token&refresh_token=" + token, 900144, 400, "invalid_request"},
      {v1(), "grant_type=refresh_token&client_id=" + std::string(kAzurePowerShell), 900144, 400, "invalid_request"},
      {v1(), refresh_body(token, other_tenant), 700016, 400, "unauthorized_client"},
      {v1(), refresh_body("garbage"), 9002313, 400, "invalid_request"},
      {v1(), refresh_body("0." + std::string(900, 'x')), 70000, 400, "invalid_grant"},
      {v1(), refresh_body(token, kAzureCli), 70000, 400, "invalid_grant"},
      {v1(), good + "&resource=https%3A%2F%2Funknown.example", 500011, 400, "invalid_resource"},
      {v1(), good + "&client_secret=x", 700025, 401, "invalid_client"},
      {v2(), good + "&resource=" + std::string(kPortalApp), 901002, 400, "invalid_request"},
      {v2(), good + "&scope=https%3A%2F%2Fvault.azure.net%2F.default+https%3A%2F%2Fgraph.microsoft.com%2F.default", 28000, 400,
       "invalid_scope"},
      {v2(), good + "&scope=", 28003, 400, "invalid_scope"},
      {std::string(kLogin) + '/' + other_tenant + "/oauth2/token", good, 90002, 400, "invalid_request"},
      {std::string(kLogin) + "/unknown.example/oauth2/token", good, 90002, 400, "invalid_request"},
      {std::string(kLogin) + "/not_a_tenant/oauth2/token", good, 900023, 400, "invalid_request"},
      {v1(), "grant_type=password" + app + secret, 70003, 400, "unsupported_grant_type"},
      {v1(), "grant_type=client_credentials&resource=https%3A%2F%2Fvault.azure.net" + app, 7000218, 401, "invalid_client"},
      {v1(), "grant_type=client_credentials&resource=https%3A%2F%2Fvault.azure.net" + app + "&client_secret=no", 7000215, 401,
       "invalid_client"},
      {v1(), "grant_type=client_credentials&resource=https%3A%2F%2Fvault.azure.net&client_id=" + std::string(kAzureCli),
       7000218, 401, "invalid_client"},
      {v1(), "grant_type=client_credentials" + app + secret, 900144, 400, "invalid_request"},
      {v2(), "grant_type=client_credentials" + app + secret, 900144, 400, "invalid_request"},
      {v2(), "grant_type=client_credentials&scope=User.Read" + app + secret, 1002012, 400, "invalid_scope"},
      {std::string(kLogin) + "/common/oauth2/token",
       "grant_type=client_credentials&resource=https%3A%2F%2Fvault.azure.net" + app + secret, 50059, 400, "invalid_request"},
  };
  for (const auto& row : rows) {
    const auto answer = post_form(row.url, row.body);
    EXPECT_EQ(aadsts_of(answer), row.code) << answer.body;
    EXPECT_EQ(answer.status, row.status) << row.code;
    EXPECT_EQ(text_at(answer, "error"), row.error) << row.code;
  }
  EXPECT_EQ(aadsts_of(send("GET", v1())), 900561);
  EXPECT_EQ(aadsts_of(send("POST", v1(), {{"content-type", "application/json"}}, good)), 900144) << "only forms are read";
}

TEST_F(EntraToken, ErrorBodyIsComplete) {
  const std::string id = "99999999-9999-4999-8999-999999999999";
  const auto answer =
      post_form(v1(), "grant_type=refresh_token", {{"client-request-id", id}, {"return-client-request-id", "true"}});
  const auto body = object_of(answer);
  EXPECT_EQ(string_member(body, "correlation_id"), id);
  EXPECT_EQ(string_member(body, "timestamp"), "2026-01-01 00:00:00Z");
  EXPECT_EQ(string_member(body, "trace_id"), answer.header("x-ms-request-id"));
  EXPECT_EQ(string_member(body, "error_uri"), "https://login.microsoftonline.com/error?code=900144");
  EXPECT_EQ(string_member(body, "error_description"),
            "AADSTS900144: The request body must contain the following parameter: 'client_id'. Trace ID: " +
                std::string(answer.header("x-ms-request-id")) + " Correlation ID: " + id + " Timestamp: 2026-01-01 00:00:00Z");
  EXPECT_EQ(answer.header("client-request-id"), id);
}

TEST_F(EntraToken, EveryKnownCodeCanBeForcedOnARefresh) {
  const auto token = refresh_token();
  std::set<std::pair<int, std::string>> seen;
  for (const int code : {16000, 50033,  50034,  50053,  50055,  50057,   50072,   50074,  50076,  50078, 50079,  50085, 50089,
                         50097, 50105,  50131,  50132,  50133,  50135,   50144,   50155,  50158,  50173, 50196,  51004, 53000,
                         53001, 53002,  53003,  53004,  53011,  530032,  530034,  530035, 530084, 65001, 70000,  70008, 70043,
                         70044, 700003, 700005, 700082, 700084, 7000112, 7000222, 90036,  90055,  90094, 135010, 135011}) {
    policy(R"({"refreshError":)" + std::to_string(code) + '}');
    const auto answer = post_form(v1(), refresh_body(token));
    EXPECT_EQ(aadsts_of(answer), code);
    EXPECT_EQ(answer.status, find_aadsts(code)->status) << code;
    EXPECT_EQ(text_at(answer, "error"), find_aadsts(code)->error) << code;
    EXPECT_EQ(text_at(answer, "suberror"), find_aadsts(code)->suberror) << code;
    EXPECT_EQ(text_at(answer, "error_description").find('{'), std::string::npos) << text_at(answer, "error_description");
  }
  policy(R"({"refreshError":null})");
  EXPECT_EQ(post_form(v1(), refresh_body(token)).status, 200);
  EXPECT_EQ(admin("POST", "/policy", R"({"refreshError":12345})").status, 400);
}

TEST_F(EntraToken, MfaThatPolicyDemandsMustHaveBeenDoneAtSignIn) {
  policy(R"({"mfaAtSignIn":false})");
  const auto weak = refresh_token();
  policy(R"({"mfaAtSignIn":true})");
  const auto strong = refresh_token();
  policy(R"({"requireMfa":true})");
  const auto answer = post_form(v1(), refresh_body(weak));
  EXPECT_EQ(aadsts_of(answer), 50076);
  EXPECT_EQ(text_at(answer, "suberror"), "basic_action");
  const auto claims = parse_json_object(text_at(answer, "claims"));
  ASSERT_TRUE(claims) << text_at(answer, "claims");
  EXPECT_NE(json::serialize(*claims).find("capolids"), std::string::npos);
  const auto good = post_form(v1(), refresh_body(strong));
  ASSERT_EQ(good.status, 200) << good.body;
  EXPECT_EQ(post_form(v1(), refresh_body(text_at(good, "refresh_token"))).status, 200) << "the successor remembers the MFA";
}

TEST_F(EntraToken, OldRefreshTokenStaysGoodAfterRedemption) {
  const auto token = refresh_token();
  EXPECT_EQ(post_form(v1(), refresh_body(token)).status, 200);
  EXPECT_EQ(post_form(v1(), refresh_body(token)).status, 200);
}

TEST_F(EntraToken, SingleUseIsASwitch) {
  auto options = usual();
  options.single_use_refresh = true;
  start(options);
  const auto token = refresh_token();
  const auto first = post_form(v1(), refresh_body(token));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(aadsts_of(post_form(v1(), refresh_body(token))), 70008);
  EXPECT_EQ(post_form(v1(), refresh_body(text_at(first, "refresh_token"))).status, 200);
}

TEST_F(EntraToken, NinetyDaysWithoutUseEndARefreshToken) {
  const auto token = refresh_token();
  advance(std::chrono::days(89));
  const auto successor = text_at(post_form(v1(), refresh_body(token)), "refresh_token");
  advance(std::chrono::days(89));
  const auto last = text_at(post_form(v1(), refresh_body(successor)), "refresh_token");
  EXPECT_FALSE(last.empty());
  EXPECT_EQ(admin("POST", "/clock", R"({"advanceSeconds":7776000})").status, 200);
  const auto answer = post_form(v1(), refresh_body(last));
  EXPECT_EQ(aadsts_of(answer), 700082);
  EXPECT_NE(text_at(answer, "error_description")
                .find("The token was issued on 2026-06-28T00:00:00.0000000Z and was inactive for 90.00:00:00."),
            std::string::npos)
      << answer.body;
}

TEST_F(EntraToken, RevocationDisablingAndDeletionReachRefreshTokens) {
  const auto token = refresh_token();
  const std::string who(kServiceAccount);
  EXPECT_EQ(admin("POST", "/revoke", R"({"upn":")" + who + "\"}").status, 200);
  EXPECT_EQ(aadsts_of(post_form(v1(), refresh_body(token))), 50173);
  const auto fresh = refresh_token();
  EXPECT_EQ(post_form(v1(), refresh_body(fresh)).status, 200) << "a sign-in after the revocation is good";
  admin("POST", "/users", R"({"upn":")" + who + R"(","disabled":true})");
  EXPECT_EQ(aadsts_of(post_form(v1(), refresh_body(fresh))), 50057);
  admin("POST", "/users", R"({"upn":")" + who + R"(","disabled":false,"deleted":true})");
  EXPECT_EQ(aadsts_of(post_form(v1(), refresh_body(fresh))), 50034);
  admin("POST", "/users", R"({"upn":")" + who + R"(","deleted":false})");
  EXPECT_EQ(post_form(v1(), refresh_body(fresh)).status, 200);
}

TEST_F(EntraToken, OneRefreshTokenServesEveryResourceAndRemembersItsFirst) {
  const auto token = refresh_token();
  EXPECT_EQ(text_at(post_form(v1(), refresh_body(token)), "resource"), kPortalApp);
  for (const auto* resource :
       {"https://vault.azure.net", "https://management.azure.com/", "https://graph.microsoft.com",
        "https://vault.usgovcloudapi.net", "https://vault.azure.cn", "ee62de39-b9b0-4886-aa58-08b89c4e3db3"}) {
    EXPECT_EQ(post_form(v1(), refresh_body(token) + "&resource=" + percent_encode(resource)).status, 200) << resource;
  }
}

TEST_F(EntraToken, OwnAppMayNotHaveAUsersTokenForThePortal) {
  const auto code = post_form(std::string(kLogin) + "/contoso.com/oauth2/devicecode",
                              "client_id=" + client_id() + "&resource=" + std::string(kPortalApp));
  EXPECT_EQ(aadsts_of(code), 65002);
}

TEST_F(EntraToken, ExpiredSecretIsTold) {
  policy(R"({"clientSecretExpired":true})");
  EXPECT_EQ(aadsts_of(post_form(v1(), "grant_type=client_credentials&resource=https%3A%2F%2Fvault.azure.net&client_id=" +
                                          client_id() + "&client_secret=" + percent_encode(client_secret()))),
            7000222);
}

TEST_F(EntraToken, DiscoveryTellsTheTenantOfADomain) {
  for (const auto* host :
       {"https://login.microsoftonline.com", "https://login.microsoftonline.us", "https://login.partner.microsoftonline.cn"}) {
    const auto document = object_of(send("GET", std::string(host) + "/contoso.com/v2.0/.well-known/openid-configuration"));
    EXPECT_EQ(string_member(document, "issuer"), std::string(host) + '/' + tenant() + "/v2.0");
    EXPECT_EQ(string_member(document, "token_endpoint"), std::string(host) + '/' + tenant() + "/oauth2/v2.0/token");
  }
  const auto common = object_of(send("GET", std::string(kLogin) + "/common/v2.0/.well-known/openid-configuration"));
  EXPECT_EQ(string_member(common, "issuer"), "https://login.microsoftonline.com/{tenantid}/v2.0");
  const auto v1_document = object_of(send("GET", std::string(kLogin) + "/contoso.com/.well-known/openid-configuration"));
  EXPECT_EQ(string_member(v1_document, "issuer"), "https://sts.windows.net/" + tenant() + '/');
  EXPECT_EQ(aadsts_of(send("GET", std::string(kLogin) + "/unknown.example/v2.0/.well-known/openid-configuration")), 90002);
  for (const auto* path : {"/common/discovery/keys", "/common/discovery/v2.0/keys"}) {
    EXPECT_NE(send("GET", std::string(kLogin) + path).body.find(emulator->world().signing.kid()), std::string::npos);
  }
}

}  // namespace
}  // namespace portalkey::sandbox
