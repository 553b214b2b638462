// An API exchanges the token it was called with; and sign-ins that must not show a page.
#include <map>

#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class EntraOnBehalfOf : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    assertion = access_token(client_id(), kHelga);
  }
  /// The request of the app registration `portalkey`, with these parameters changed (empty: left out).
  HttpResponse exchange(const std::map<std::string, std::string>& changed = {}, std::string_view version = "/v2.0") {
    std::map<std::string, std::string> fields{{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                              {"client_id", client_id()},
                                              {"client_secret", client_secret()},
                                              {"assertion", assertion},
                                              {"requested_token_use", "on_behalf_of"},
                                              {"scope", "https://graph.microsoft.com/User.Read offline_access"}};
    for (const auto& [name, value] : changed) fields[name] = value;
    std::string form;
    for (const auto& [name, value] : fields) {
      if (!value.empty()) form += (form.empty() ? "" : "&") + name + '=' + percent_encode(value);
    }
    return post_form(std::string(kLogin) + '/' + tenant() + "/oauth2" + std::string(version) + "/token", form);
  }
  std::string assertion;
};

TEST_F(EntraOnBehalfOf, TheSameUserAtAnotherApi) {
  const auto answer = exchange();
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto claims = claims_of(text_at(answer, "access_token"));
  EXPECT_EQ(lower(*string_member(claims, "upn")), lower(kHelga));
  EXPECT_EQ(string_member(claims, "scp"), "User.Read");
  EXPECT_EQ(string_member(claims, "appid"), client_id());
  EXPECT_EQ(send("GET", "https://graph.microsoft.com/v1.0/me", bearer(text_at(answer, "access_token"))).status, 200);
  EXPECT_FALSE(text_at(answer, "refresh_token").empty());
  EXPECT_TRUE(text_at(exchange({{"scope", "https://graph.microsoft.com/.default"}}), "refresh_token").empty());
  EXPECT_EQ(exchange({{"scope", ""}, {"resource", "https://vault.azure.net"}}, "").status, 200) << "version 1";
}

TEST_F(EntraOnBehalfOf, WrongAssertionsAreRefused) {
  const std::string of_graph = access_token("https://graph.microsoft.com/", kHelga);
  EXPECT_EQ(aadsts_of(exchange({{"assertion", of_graph}})), 500131) << "another audience";
  EXPECT_EQ(aadsts_of(exchange({{"assertion", "eyJ.eyJ.x"}})), 50013);
  EXPECT_EQ(aadsts_of(exchange({{"assertion", app_token(client_id())}})), 7000114) << "an app's own";
  EXPECT_EQ(aadsts_of(exchange({{"assertion", std::string(*string_member(sign_in(client_id()), "id_token"))}})), 240002);
  EXPECT_EQ(aadsts_of(exchange({{"assertion", ""}})), 900144);
  EXPECT_EQ(aadsts_of(exchange({{"requested_token_use", ""}})), 900144);
  EXPECT_EQ(aadsts_of(exchange({{"requested_token_use", "logon"}})), 90023);
  EXPECT_EQ(aadsts_of(exchange({{"client_secret", ""}})), 7000218);
  EXPECT_EQ(aadsts_of(exchange({{"client_secret", "wrong"}})), 7000215);
  EXPECT_EQ(aadsts_of(exchange({{"scope", ""}})), 900144);
  EXPECT_EQ(aadsts_of(exchange({{"scope", "https://nobody.example/.default"}})), 500011);
  const auto answer = exchange({{"assertion", of_graph}});
  EXPECT_EQ(answer.body.find(of_graph), std::string::npos);
}

TEST_F(EntraOnBehalfOf, WhatHoldsForTheUserHolds) {
  policy(R"({"requireMfa":true})");
  EXPECT_EQ(exchange().status, 200) << "the assertion's sign-in was with MFA";
  policy(R"({"mfaAtSignIn":false,"requireMfa":false})");
  assertion = access_token(client_id(), kHelga);
  policy(R"({"requireMfa":true})");
  const auto answer = exchange();
  EXPECT_EQ(aadsts_of(answer), 50076);
  EXPECT_EQ(text_at(answer, "error"), "interaction_required");
  policy(R"({"requireMfa":false})");
  admin("POST", "/revoke", R"({"upn":"Helga@contoso.com"})");
  EXPECT_EQ(aadsts_of(exchange()), 50173);
  assertion = access_token(client_id(), kHelga);
  admin("POST", "/users", R"({"upn":"Helga@contoso.com","disabled":true})");
  EXPECT_EQ(aadsts_of(exchange()), 50057);
  admin("POST", "/users", R"({"upn":"Helga@contoso.com","disabled":false})");
  advance(std::chrono::hours(2));
  EXPECT_EQ(aadsts_of(exchange()), 500133) << "expired";
}

class EntraPrompt : public SandboxTest {
 protected:
  /// `error` and its code that the redirect carries; empty if it carries a code.
  std::pair<std::string, std::string> asked(std::string_view prompt) {
    const auto answer =
        send("GET", std::string(kLogin) + "/organizations/oauth2/v2.0/authorize?client_id=" + std::string(kAzureCli) +
                        "&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A5000&state=s"
                        "&scope=https%3A%2F%2Fvault.azure.net%2F.default&prompt=" +
                        std::string(prompt));
    if (answer.status != 302) return {std::to_string(answer.status), {}};
    const std::string location(answer.header("location"));
    std::pair<std::string, std::string> out;
    for (const auto& [name, value] : parse_form(location.substr(location.find('?') + 1))) {
      if (name == "error") out.first = value;
      if (name == "error_description") out.second = value.substr(0, value.find(':'));
    }
    return out;
  }
};

TEST_F(EntraPrompt, NoneNeedsASession) {
  using Answer = std::pair<std::string, std::string>;
  auto options = usual();
  options.auto_approve = false;
  start(std::move(options));
  EXPECT_EQ(asked("none"), (Answer{"login_required", "AADSTS50058"}));
  EXPECT_EQ(asked("login"), (Answer{"200", ""})) << "a page";
  EXPECT_EQ(asked("often"), (Answer{"invalid_request", "AADSTS90023"}));
  policy(R"({"nextApprover":"Helga@contoso.com"})");
  EXPECT_EQ(asked("none"), (Answer{})) << "as if she were signed in";
  policy(R"({"nextApprover":"Helga@contoso.com","requireMfa":true,"mfaAtSignIn":false})");
  EXPECT_EQ(asked("none"), (Answer{"interaction_required", "AADSTS50076"}));
}

}  // namespace
}  // namespace portalkey::sandbox
