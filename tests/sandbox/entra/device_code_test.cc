#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class EntraDeviceCode : public SandboxTest {
 protected:
  void SetUp() override { start({}); }  // nobody approves by himself
  HttpResponse request(bool version1, std::string_view client = kAzurePowerShell) {
    const std::string asked = version1
                                  ? "&resource=" + std::string(kPortalApp)
                                  : "&scope=" + percent_encode(std::string(kPortalApp) + "/.default offline_access openid");
    return post_form(std::string(kLogin) + "/organizations/oauth2" + (version1 ? "" : "/v2.0") + "/devicecode",
                     "client_id=" + std::string(client) + asked);
  }
  HttpResponse poll(bool version1, std::string_view code, std::string_view client = kAzurePowerShell) {
    return post_form(std::string(kLogin) + "/organizations/oauth2" + (version1 ? "" : "/v2.0") + "/token",
                     "client_id=" + std::string(client) +
                         (version1 ? "&grant_type=device_code&code="
                                   : "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=") +
                         std::string(code));
  }
  HttpResponse page(std::string body) { return post_form("https://microsoft.com/devicelogin", std::move(body)); }
};

TEST_F(EntraDeviceCode, BothVersionsSignAPersonIn) {
  for (const bool version1 : {true, false}) {
    const auto started = request(version1);
    ASSERT_EQ(started.status, 200) << started.body;
    const auto body = object_of(started);
    EXPECT_EQ(member(body, "expires_in")->is_string(), version1);
    EXPECT_EQ(member(body, "interval")->is_string(), version1);
    EXPECT_EQ(string_member(body, version1 ? "verification_url" : "verification_uri"), "https://microsoft.com/devicelogin");
    EXPECT_EQ(member(body, version1 ? "verification_uri" : "verification_url"), nullptr);
    const auto code = text_at(started, "device_code");
    const auto user_code = text_at(started, "user_code");
    EXPECT_EQ(user_code.size(), 9u);

    const auto pending = poll(version1, code);
    EXPECT_EQ(pending.status, 400);
    EXPECT_EQ(text_at(pending, "error"), "authorization_pending");
    EXPECT_EQ(aadsts_of(pending), 70016);

    EXPECT_NE(page("code=" + lower(user_code)).body.find("Pick an account"), std::string::npos);
    const auto signed_in =
        page("code=" + user_code + "&account=" + percent_encode(kServiceAccount) + "&mfa=yes&decision=continue");
    EXPECT_NE(signed_in.body.find("You have signed in"), std::string::npos) << signed_in.body;

    const auto tokens = poll(version1, code);
    ASSERT_EQ(tokens.status, 200) << tokens.body;
    const auto answer = object_of(tokens);
    EXPECT_NE(member(answer, "refresh_token"), nullptr);
    EXPECT_NE(member(answer, "id_token"), nullptr);
    EXPECT_EQ(string_member(claims_of(*string_member(answer, "access_token")), "upn"), kServiceAccount);
    EXPECT_EQ(aadsts_of(poll(version1, code)), 70018) << "a device code works once";
  }
}

TEST_F(EntraDeviceCode, Version2KnowsTheShortNameOfTheGrantToo) {
  start(usual());
  const auto answer = post_form(std::string(kLogin) + "/organizations/oauth2/v2.0/token",
                                "client_id=" + std::string(kAzurePowerShell) +
                                    "&grant_type=device_code&device_code=" + text_at(request(false), "device_code"));
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(EntraDeviceCode, EndsHaveTheirNames) {
  const auto declined = request(true);
  page("code=" + text_at(declined, "user_code") + "&decision=cancel");
  EXPECT_EQ(text_at(poll(true, text_at(declined, "device_code")), "error"), "authorization_declined");

  const auto old1 = text_at(request(true), "device_code");
  const auto old2 = text_at(request(false), "device_code");
  advance(std::chrono::minutes(15));
  EXPECT_EQ(text_at(poll(true, old1), "error"), "code_expired");
  EXPECT_EQ(aadsts_of(poll(true, old1)), 70019);
  EXPECT_EQ(text_at(poll(false, old2), "error"), "expired_token");
  EXPECT_EQ(aadsts_of(poll(false, old2)), 70020);
  EXPECT_EQ(text_at(poll(false, "never-issued"), "error"), "bad_verification_code");
  EXPECT_EQ(aadsts_of(poll(true, text_at(request(true), "device_code"), kAzureCli)), 70000) << "another client's code";
}

TEST_F(EntraDeviceCode, MissingParametersAndClientsAreTold) {
  const std::string url = std::string(kLogin) + "/common/oauth2/devicecode";
  EXPECT_EQ(aadsts_of(post_form(url, "resource=" + std::string(kPortalApp))), 900144);
  EXPECT_EQ(aadsts_of(post_form(url, "client_id=" + std::string(kAzureCli))), 900144);
  EXPECT_EQ(aadsts_of(request(true, "00000000-1111-4222-8333-444444444444")), 700016);
  EXPECT_EQ(aadsts_of(post_form(std::string(kLogin) + "/common/oauth2/v2.0/devicecode",
                                "client_id=" + std::string(kAzureCli) + "&resource=x")),
            901002);
  const auto own = post_form(url, "client_id=" + client_id() + "&resource=https%3A%2F%2Fvault.azure.net");
  ASSERT_EQ(own.status, 200) << own.body;
  EXPECT_EQ(aadsts_of(poll(true, text_at(own, "device_code"), client_id())), 7000218) << "public flows are not allowed for it";
}

TEST_F(EntraDeviceCode, PageRefusesAccountsThatCannotSignIn) {
  const auto started = request(true);
  const std::string code = "code=" + text_at(started, "user_code") + "&decision=continue";
  EXPECT_NE(page(code + "&account=former.employee%40contoso.com").body.find("50057"), std::string::npos);
  EXPECT_NE(page(code + "&other=nobody%40contoso.com").body.find("incorrect"), std::string::npos);
  EXPECT_NE(page("code=WRONGCODE").body.find("didn&#39;t work"), std::string::npos);
  EXPECT_EQ(aadsts_of(poll(true, text_at(started, "device_code"))), 70016) << "it still waits";
}

TEST_F(EntraDeviceCode, PageEscapesWhatItIsGiven) {
  const auto echoed = page("code=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E");
  EXPECT_EQ(echoed.body.find("<script"), std::string::npos);
  EXPECT_NE(echoed.body.find("&quot;&gt;&lt;script"), std::string::npos);
}

TEST_F(EntraDeviceCode, PageIsOnEveryDoor) {
  for (const auto* url : {"https://microsoft.com/devicelogin", "https://login.microsoftonline.com/common/oauth2/deviceauth",
                          "https://localhost/devicelogin"}) {
    EXPECT_NE(send("GET", url).body.find("Enter code"), std::string::npos) << url;
  }
  EXPECT_NE(admin("GET", "/devicelogin").body.find("Enter code"), std::string::npos);
}

TEST_F(EntraDeviceCode, AutoApprovalTakesTheServiceAccountForThePortalAndTheAdminElsewhere) {
  start(usual());
  EXPECT_EQ(text_at(request(true), "interval"), "1");
  EXPECT_EQ(string_member(claims_of(access_token(kPortalApp)), "upn"), kServiceAccount);
  EXPECT_EQ(string_member(claims_of(access_token("https://vault.azure.net")), "upn"), kAdminAccount);
  EXPECT_EQ(string_member(claims_of(access_token(kPortalApp, "helpdesk@contoso.com")), "upn"), "helpdesk@contoso.com");
  EXPECT_EQ(string_member(claims_of(access_token(kPortalApp)), "upn"), kServiceAccount) << "the choice counts once";
}

TEST_F(EntraDeviceCode, MfaLeftOutMeetsThePolicy) {
  policy(R"({"requireMfa":true})");
  const auto started = request(true);
  page("code=" + text_at(started, "user_code") + "&account=" + percent_encode(kServiceAccount) + "&decision=continue");
  const auto answer = poll(true, text_at(started, "device_code"));
  EXPECT_EQ(aadsts_of(answer), 50076);
  EXPECT_EQ(text_at(answer, "error"), "invalid_grant");
}

}  // namespace
}  // namespace portalkey::sandbox
