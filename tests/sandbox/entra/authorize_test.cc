#include <openssl/evp.h>

#include "base/base64.h"
#include "tests/sandbox/entra/app_fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";  // RFC 7636, appendix B
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
constexpr std::string_view kLoopback = "http://localhost:54321";
constexpr std::string_view kScope = "https://vault.azure.net/.default offline_access openid";

using Fields = std::map<std::string, std::string>;

class EntraAuthorize : public EntraAppTest {
 protected:
  /// A good request of Azure CLI's, with these parameters changed (empty: left out).
  std::string query(const Fields& changed = {}) {
    Fields fields{{"client_id", std::string(kAzureCli)},
                  {"response_type", "code"},
                  {"redirect_uri", std::string(kLoopback)},
                  {"scope", std::string(kScope)},
                  {"state", "st&te"},
                  {"nonce", "n0nce"},
                  {"code_challenge", std::string(kChallenge)},
                  {"code_challenge_method", "S256"}};
    for (const auto& [name, value] : changed) fields[name] = value;
    std::string out;
    for (const auto& [name, value] : fields) {
      if (!value.empty()) out += (out.empty() ? "" : "&") + name + '=' + percent_encode(value);
    }
    return out;
  }
  std::string authorize_url() { return std::string(kLogin) + "/organizations/oauth2/v2.0/authorize"; }
  HttpResponse authorize(const Fields& changed = {}) { return send("GET", authorize_url() + '?' + query(changed)); }
  HttpResponse answer_page(std::string_view fields, const Fields& changed = {}) {
    return post_form(authorize_url(), query(changed) + '&' + std::string(fields));
  }

  /// What a redirect carries behind `separator`.
  static Fields carried(const HttpResponse& answer, char separator = '?') {
    EXPECT_EQ(answer.status, 302) << answer.body;
    const std::string location(answer.header("location"));
    Fields out;
    for (auto& [name, value] : parse_form(location.substr(std::min(location.find(separator), location.size() - 1) + 1))) {
      out[name] = value;
    }
    return out;
  }
  std::string code(const Fields& changed = {}) {
    auto fields = carried(authorize(changed));
    EXPECT_FALSE(fields["code"].empty()) << fields["error_description"];
    return fields["code"];
  }
  HttpResponse redeem(std::string_view code, const Fields& changed = {}, TextPairs headers = {}) {
    Fields fields{{"grant_type", "authorization_code"},
                  {"client_id", std::string(kAzureCli)},
                  {"code", std::string(code)},
                  {"redirect_uri", std::string(kLoopback)},
                  {"code_verifier", std::string(kVerifier)}};
    for (const auto& [name, value] : changed) fields[name] = value;
    std::string body;
    for (const auto& [name, value] : fields) {
      if (!value.empty()) body += (body.empty() ? "" : "&") + name + '=' + percent_encode(value);
    }
    return post_form(v2(), body, std::move(headers));
  }
  /// As the app registration, with its redirect URI.
  Fields own(std::string_view redirect, Fields more = {}) {
    more["client_id"] = client_id();
    more["redirect_uri"] = redirect;
    return more;
  }
};

TEST_F(EntraAuthorize, CodeComesBackAndGivesTokens) {
  auto fields = carried(authorize());
  EXPECT_EQ(fields["state"], "st&te");
  EXPECT_FALSE(fields["session_state"].empty());
  EXPECT_TRUE(std::string(authorize().header("location")).starts_with(std::string(kLoopback) + "/?code="));
  const auto tokens = redeem(fields["code"]);
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  EXPECT_EQ(string_member(claims_of(text_at(tokens, "access_token")), "aud"), "https://vault.azure.net");
  EXPECT_EQ(string_member(claims_of(text_at(tokens, "access_token")), "upn"), kAdminAccount);
  EXPECT_EQ(text_at(redeem(code(), {{"scope", std::string(kScope)}}), "scope"),
            "openid https://vault.azure.net/user_impersonation https://vault.azure.net/.default")
      << "scopes that are said twice count once";
  const auto id = claims_of(text_at(tokens, "id_token"));
  EXPECT_EQ(string_member(id, "nonce"), "n0nce");
  EXPECT_EQ(string_member(id, "aud"), kAzureCli);
  const auto refreshed = post_form(v2(), "grant_type=refresh_token&client_id=" + std::string(kAzureCli) +
                                             "&refresh_token=" + text_at(tokens, "refresh_token") +
                                             "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default");
  EXPECT_EQ(refreshed.status, 200) << refreshed.body;
}

TEST_F(EntraAuthorize, Version1TakesAResource) {
  const auto answer = send("GET", std::string(kLogin) + "/contoso.com/oauth2/authorize?response_type=code&client_id=" +
                                      std::string(kAzurePowerShell) + "&resource=" + std::string(kPortalApp) +
                                      "&redirect_uri=http%3A%2F%2Flocalhost%3A8400%2F");
  auto fields = carried(answer);
  const auto tokens = post_form(v1(), "grant_type=authorization_code&client_id=" + std::string(kAzurePowerShell) +
                                          "&redirect_uri=http%3A%2F%2Flocalhost%3A8400%2F&code=" + fields["code"]);
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  EXPECT_EQ(text_at(tokens, "resource"), kPortalApp);
  EXPECT_EQ(string_member(claims_of(text_at(tokens, "access_token")), "upn"), kServiceAccount);
}

TEST_F(EntraAuthorize, ResponseModes) {
  EXPECT_FALSE(carried(authorize({{"response_mode", "fragment"}}), '#')["code"].empty());
  EXPECT_EQ(authorize({{"response_mode", "fragment"}}).header("location").find('?'), std::string_view::npos);
  const auto page = authorize({{"response_mode", "form_post"}});
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("<form method=\"post\" action=\"http://localhost:54321\">"), std::string::npos) << page.body;
  EXPECT_NE(page.body.find("name=\"state\" value=\"st&amp;te\""), std::string::npos);
  EXPECT_NE(page.body.find("name=\"code\" value=\"1.AX0A"), std::string::npos);
  EXPECT_NE(page.header("content-security-policy").find("script-src 'sha256-"), std::string_view::npos);
  EXPECT_EQ(authorize({{"response_mode", "smoke"}}).status, 400);
}

TEST_F(EntraAuthorize, PersonPicksAnAccountOrCancels) {
  start({});
  const auto page = authorize({{"login_hint", "helpdesk@contoso.com"}});
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_NE(page.body.find("Pick an account"), std::string::npos);
  EXPECT_NE(page.body.find("value=\"helpdesk@contoso.com\" checked"), std::string::npos);
  EXPECT_NE(page.body.find("Microsoft Azure CLI"), std::string::npos);
  EXPECT_NE(page.header("content-security-policy").find("form-action 'self' http://localhost:54321;"), std::string_view::npos)
      << page.header("content-security-policy");

  auto fields = carried(answer_page("account=helpdesk%40contoso.com&mfa=yes&decision=continue"));
  const auto tokens = redeem(fields["code"]);
  EXPECT_EQ(string_member(claims_of(text_at(tokens, "access_token")), "upn"), "helpdesk@contoso.com") << tokens.body;
  EXPECT_EQ(json::serialize(*member(claims_of(text_at(tokens, "access_token")), "amr")), R"(["pwd","mfa"])");

  auto cancelled = carried(answer_page("decision=cancel"));
  EXPECT_EQ(cancelled["error"], "access_denied");
  EXPECT_EQ(cancelled["error_subcode"], "cancel");
  EXPECT_EQ(cancelled["state"], "st&te");
  EXPECT_NE(answer_page("account=former.employee%40contoso.com&decision=continue").body.find("50057"), std::string::npos);
  EXPECT_NE(answer_page("other=nobody%40contoso.com&decision=continue").body.find("incorrect"), std::string::npos);
}

TEST_F(EntraAuthorize, PageKeepsTheRequestAndEscapesIt) {
  start({});
  const auto page = authorize({{"state", "\"><script>alert(1)</script>"}, {"login_hint", "<b>@contoso.com"}});
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("<b>@"), std::string::npos);
  EXPECT_NE(page.body.find("name=\"state\" value=\"&quot;&gt;&lt;script"), std::string::npos);
  EXPECT_NE(page.body.find("name=\"code_challenge\" value=\"" + std::string(kChallenge)), std::string::npos);
}

TEST_F(EntraAuthorize, LoginHintAndNextApproverDecideWithoutAPerson) {
  const auto who = [&](const Fields& changed) {
    return string_member(claims_of(text_at(redeem(code(changed)), "access_token")), "upn").value_or("");
  };
  EXPECT_EQ(who({{"login_hint", "helpdesk@contoso.com"}}), "helpdesk@contoso.com");
  EXPECT_EQ(who({{"login_hint", "nobody@contoso.com"}}), kAdminAccount);
  policy(R"({"nextApprover":"svc-portalkey@contoso.com"})");
  EXPECT_EQ(who({}), kServiceAccount);
  EXPECT_EQ(who({}), kAdminAccount);
}

TEST_F(EntraAuthorize, SilentRequestsNeedNobody) {
  EXPECT_FALSE(carried(authorize({{"prompt", "none"}}))["code"].empty());
  policy(R"({"requireMfa":true,"mfaAtSignIn":false})");
  auto fields = carried(authorize({{"prompt", "none"}}));
  EXPECT_EQ(fields["error"], "interaction_required");
  EXPECT_TRUE(fields["error_description"].starts_with("AADSTS50076: ")) << fields["error_description"];
  start({});
  fields = carried(authorize({{"prompt", "none"}}));
  EXPECT_EQ(fields["error"], "login_required");
  EXPECT_TRUE(fields["error_description"].starts_with("AADSTS50058: ")) << fields["error_description"];
}

TEST_F(EntraAuthorize, PolicyStopsNewSignIns) {
  const auto before = code();
  policy(R"({"signInError":53003})");
  auto fields = carried(authorize());
  EXPECT_EQ(fields["error"], "access_denied");
  EXPECT_TRUE(fields["error_description"].starts_with("AADSTS53003: "));
  EXPECT_EQ(aadsts_of(redeem(before)), 53003);
  auto options = usual();
  options.auto_approve = false;
  start(options);
  policy(R"({"requireMfa":true})");
  const auto page = answer_page("account=admin%40contoso.com&decision=continue");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("AADSTS50076"), std::string::npos);
  EXPECT_EQ(answer_page("account=admin%40contoso.com&mfa=yes&decision=continue").status, 302);
}

TEST_F(EntraAuthorize, UnregisteredRedirectsGetAPageNotARedirect) {
  for (const auto* uri : {"http://localhost:1234/other", "https://localhost:1234", "http://localhost.evil.example",
                          "https://evil.example", "http://127.0.0.1:1234", "http://localhost#x", "//localhost"}) {
    const auto answer = authorize({{"redirect_uri", uri}});
    EXPECT_EQ(answer.status, 400) << uri;
    EXPECT_EQ(answer.header("location"), "") << uri;
    EXPECT_NE(answer.body.find("AADSTS50011"), std::string::npos) << uri;
  }
  for (const auto* uri : {"http://localhost", "http://localhost/", "http://localhost:1", "HTTP://LOCALHOST:9/"}) {
    EXPECT_EQ(authorize({{"redirect_uri", uri}}).status, 302) << uri;
  }
}

TEST_F(EntraAuthorize, UnknownClientsGetAPage) {
  EXPECT_NE(authorize({{"client_id", "00000000-1111-4222-8333-444444444444"}}).body.find("AADSTS700016"), std::string::npos);
  EXPECT_NE(authorize({{"client_id", ""}}).body.find("AADSTS900144"), std::string::npos);
  EXPECT_NE(authorize(own(kLoopback)).body.find("AADSTS50011"), std::string::npos);
  EXPECT_NE(authorize(own("")).body.find("AADSTS500113"), std::string::npos);
  principal().enabled = false;
  EXPECT_NE(authorize(own(kLoopback)).body.find("AADSTS7000112"), std::string::npos);
  EXPECT_NE(send("GET", std::string(kLogin) + "/unknown.example/oauth2/v2.0/authorize?" + query()).body.find("AADSTS90002"),
            std::string::npos);
}

TEST_F(EntraAuthorize, MistakesGoBackToTheApp) {
  const auto error = [&](const Fields& changed) {
    auto fields = carried(authorize(changed));
    EXPECT_EQ(fields["state"], "st&te");
    return fields["error"] + ' ' + fields["error_description"].substr(0, fields["error_description"].find(':'));
  };
  EXPECT_EQ(error({{"response_type", "token"}}), "unsupported_response_type AADSTS700051");
  EXPECT_EQ(error({{"response_type", ""}}), "invalid_request AADSTS900144");
  EXPECT_EQ(error({{"scope", ""}}), "invalid_request AADSTS900144");
  EXPECT_EQ(error({{"scope", "https://unknown.example/.default"}}), "invalid_resource AADSTS500011");
  EXPECT_EQ(error({{"resource", "x"}}), "invalid_request AADSTS901002");
  EXPECT_EQ(error({{"code_challenge_method", "S512"}}), "invalid_request AADSTS50149");
  EXPECT_EQ(error({{"code_challenge", "short"}}), "invalid_request AADSTS501491");
  EXPECT_EQ(error({{"claims", "nonsense"}}), "invalid_request AADSTS9002313");
}

TEST_F(EntraAuthorize, CodeWorksOnceForTenMinutes) {
  const auto first = code();
  EXPECT_EQ(redeem(first).status, 200);
  const auto again = redeem(first);
  EXPECT_EQ(aadsts_of(again), 54005);
  EXPECT_EQ(text_at(again, "error"), "invalid_grant");
  const auto old = code();
  advance(std::chrono::minutes(10));
  EXPECT_EQ(aadsts_of(redeem(old)), 70008);
  EXPECT_EQ(aadsts_of(redeem("1." + std::string(700, 'x'))), 70000);
  EXPECT_EQ(aadsts_of(redeem("garbage")), 9002313);
  EXPECT_EQ(aadsts_of(redeem("")), 900144);
}

TEST_F(EntraAuthorize, CodeIsBoundToClientRedirectAndVerifier) {
  const auto good = code();
  EXPECT_EQ(aadsts_of(redeem(good, {{"client_id", std::string(kAzurePowerShell)}})), 70000);
  const auto other = redeem(good, {{"redirect_uri", "http://localhost:1"}});
  EXPECT_EQ(aadsts_of(other), 500112);
  EXPECT_NE(text_at(other, "error_description")
                .find("'http://localhost:1' does not match the reply address 'http://localhost:54321'"),
            std::string::npos);
  EXPECT_EQ(aadsts_of(redeem(good, {{"redirect_uri", ""}})), 900144);
  EXPECT_EQ(aadsts_of(redeem(good, {{"code_verifier", std::string(kVerifier) + "x"}})), 501481);
  EXPECT_EQ(aadsts_of(redeem(good, {{"code_verifier", std::string(kChallenge)}})), 501481) << "the challenge is no verifier";
  const auto missing = redeem(good, {{"code_verifier", ""}});
  EXPECT_EQ(text_at(missing, "error"), "invalid_grant");
  EXPECT_EQ(redeem(good).status, 200) << "failed attempts do not use it up";

  const auto plain = code({{"code_challenge", std::string(kVerifier)}, {"code_challenge_method", "plain"}});
  EXPECT_EQ(aadsts_of(redeem(plain, {{"code_verifier", std::string(kChallenge)}})), 501481);
  EXPECT_EQ(redeem(plain).status, 200);
  const auto without = code({{"code_challenge", ""}, {"code_challenge_method", ""}});
  EXPECT_EQ(aadsts_of(redeem(without)), 501481) << "a verifier for a code that has no challenge";
  EXPECT_EQ(redeem(without, {{"code_verifier", ""}}).status, 200);
}

TEST_F(EntraAuthorize, PlatformDecidesWhoMustProveItself) {
  const std::string web = "https://app.contoso.com/signed-in";
  const std::string spa = "https://spa.contoso.com/";
  settings(R"({"web":{"redirectUris":["https://app.contoso.com/signed-in"]},
               "spa":{"redirectUris":["https://spa.contoso.com/"]},
               "publicClient":{"redirectUris":["http://localhost/portalkey"]}})");
  const Fields secret{{"client_secret", client_secret()}};
  const auto with_secret = [&](std::string_view redirect) { return own(redirect, secret); };

  const auto for_web = code(own(web));
  EXPECT_EQ(aadsts_of(redeem(for_web, own(web))), 7000218);
  EXPECT_EQ(redeem(for_web, with_secret(web)).status, 200) << redeem(for_web, with_secret(web)).body;

  const auto for_public = code(own("http://localhost:777/portalkey"));
  EXPECT_EQ(aadsts_of(redeem(for_public, with_secret("http://localhost:777/portalkey"))), 700025);
  const auto tokens = redeem(for_public, own("http://localhost:777/portalkey"));
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  const auto refreshed = post_form(
      v2(), "grant_type=refresh_token&client_id=" + client_id() + "&refresh_token=" + text_at(tokens, "refresh_token"));
  EXPECT_EQ(refreshed.status, 200) << "a public client's session needs no secret later: " << refreshed.body;

  EXPECT_EQ(carried(authorize(own(spa, {{"code_challenge", ""}})))["error_description"].substr(0, 13), "AADSTS9002325");
  const auto for_spa = code(own(spa));
  EXPECT_EQ(aadsts_of(redeem(for_spa, own(spa))), 9002327);
  const auto in_browser = redeem(for_spa, own(spa), {{"origin", "https://spa.contoso.com"}});
  ASSERT_EQ(in_browser.status, 200) << in_browser.body;
  EXPECT_EQ(int_member(object_of(in_browser), "refresh_token_expires_in"), 86400);
}

TEST_F(EntraAuthorize, SinglePageSessionsEndAfterADay) {
  settings(R"({"spa":{"redirectUris":["https://spa.contoso.com/"]},"isFallbackPublicClient":true})");
  const Fields spa = own("https://spa.contoso.com/");
  auto tokens = redeem(code(spa), spa, {{"origin", "https://spa.contoso.com"}});
  const auto refresh = [&] {
    return post_form(v2(), "grant_type=refresh_token&client_id=" + client_id() + "&scope=" + percent_encode(kScope) +
                               "&refresh_token=" + text_at(tokens, "refresh_token"));
  };
  advance(std::chrono::hours(23));
  tokens = refresh();
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  advance(std::chrono::hours(1));
  EXPECT_EQ(aadsts_of(refresh()), 700084) << "successors inherit the end";
}

TEST_F(EntraAuthorize, ConfidentialSessionNeedsItsCredentialAtEveryRefresh) {
  settings(R"({"web":{"redirectUris":["https://app.contoso.com/"]}})");
  const auto tokens =
      redeem(code(own("https://app.contoso.com/")), own("https://app.contoso.com/", {{"client_secret", client_secret()}}));
  const std::string body =
      "grant_type=refresh_token&client_id=" + client_id() + "&refresh_token=" + text_at(tokens, "refresh_token");
  EXPECT_EQ(aadsts_of(post_form(v2(), body)), 7000218);
  EXPECT_EQ(post_form(v2(), body + "&client_secret=" + percent_encode(client_secret())).status, 200);
}

TEST_F(EntraAuthorize, OwnPublicClientMayUseDeviceCode) {
  settings(R"({"isFallbackPublicClient":true})");
  const std::string who = "client_id=" + client_id();
  const std::string base = std::string(kLogin) + "/contoso.com/oauth2/";
  const auto device = [&] {
    return who + "&grant_type=device_code&code=" +
           text_at(post_form(base + "devicecode", who + "&resource=https%3A%2F%2Fvault.azure.net"), "device_code");
  };
  const auto tokens = post_form(base + "token", device());
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  EXPECT_EQ(
      post_form(base + "token", who + "&grant_type=refresh_token&refresh_token=" + text_at(tokens, "refresh_token")).status,
      200);
  EXPECT_EQ(aadsts_of(post_form(base + "token", device() + "&client_secret=" + percent_encode(client_secret()))), 700025);
}

TEST_F(EntraAuthorize, ApiDecidesTheVersionOfItsTokens) {
  const auto version = [&] {
    return string_member(claims_of(text_at(redeem(code({{"scope", "api://" + client_id() + "/.default"}})), "access_token")),
                         "ver");
  };
  EXPECT_EQ(version(), "2.0");
  settings(R"({"identifierUris":["api://portalkey"],"api":{"requestedAccessTokenVersion":null,
              "oauth2PermissionScopes":[{"value":"Tokens.Read"},{"value":"Tokens.Write"},{"value":"Old","isEnabled":false}]}})");
  EXPECT_EQ(version(), "1.0");
  const auto claims = claims_of(text_at(redeem(code({{"scope", "api://portalkey/.default"}})), "access_token"));
  EXPECT_EQ(string_member(claims, "aud"), "api://portalkey");
  EXPECT_EQ(string_member(claims, "scp"), "Tokens.Read Tokens.Write");
}

}  // namespace
}  // namespace portalkey::sandbox
