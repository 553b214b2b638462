#include "base/time_text.h"
#include "sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class AdminApi : public SandboxTest {};

TEST_F(AdminApi, ClockMovesEveryTime) {
  EXPECT_EQ(admin("POST", "/clock", R"({"offsetSeconds":300})").status, 200);
  EXPECT_EQ(send("GET", std::string(kLogin) + "/common/discovery/keys").header("date"), "Thu, 01 Jan 2026 00:05:00 GMT");
  EXPECT_EQ(int_member(object_of(admin("POST", "/clock", R"({"advanceSeconds":60})")), "offsetSeconds"), 360);
  for (const auto* body : {"{}", R"({"offsetSeconds":"x"})", R"({"offsetSeconds":1,"advanceSeconds":1})",
                           R"({"offsetSeconds":99999999999})", "no"}) {
    EXPECT_EQ(admin("POST", "/clock", body).status, 400) << body;
  }
}

TEST_F(AdminApi, JournalShowsRequestsWithoutSecrets) {
  access_token(kPortalApp);
  const auto token = app_token("https://vault.azure.net");
  send("GET", std::string(kVault) + "/secrets/x?api-version=7.4", bearer(token));
  const auto text = admin("GET", "/requests").body;
  const auto body = *parse_json_object(text);
  EXPECT_EQ(int_member(body, "total"), 4);
  const auto last = member(body, "requests")->get_array().back().get_object();
  EXPECT_EQ(string_member(last, "path"), "/secrets/x");
  EXPECT_EQ(string_member(last, "service"), "vault");
  EXPECT_EQ(int_member(last, "status"), 404);
  EXPECT_EQ(bool_member(last, "authorization"), true);
  EXPECT_EQ(text.find(token), std::string::npos);
  EXPECT_EQ(text.find("api-version"), std::string::npos);
  admin("DELETE", "/requests");
  EXPECT_EQ(int_member(object_of(admin("GET", "/requests")), "total"), 0);
}

TEST_F(AdminApi, TokensCanBePutAndSeen) {
  const std::string body = R"({"upn":"Helga@contoso.com","serialNumber":"1","secretKey":"2234567A","enabled":true})";
  EXPECT_EQ(admin("POST", "/tokens", body).status, 200);
  EXPECT_EQ(admin("POST", "/tokens", body).status, 409);
  EXPECT_EQ(admin("POST", "/tokens", R"({"upn":"nobody@contoso.com","serialNumber":"2","secretKey":"2234567A"})").status, 404);
  EXPECT_EQ(admin("POST", "/tokens", R"({"upn":"Helga@contoso.com","serialNumber":"2","secretKey":"8"})").status, 400);
  EXPECT_NE(admin("GET", "/tokens").body.find(R"("enabled":true)"), std::string::npos);
}

TEST_F(AdminApi, MistakesAreTold) {
  EXPECT_EQ(admin("GET", "/nothing").status, 404);
  EXPECT_EQ(admin("DELETE", "/clock").status, 405);
  EXPECT_EQ(admin("POST", "/policy", R"({"refreshErorr":1})").status, 400);
  EXPECT_EQ(admin("POST", "/policy", R"({"uploadOutcome":"sometimes"})").status, 400);
  EXPECT_EQ(admin("POST", "/policy", R"({"requireMfa":1})").status, 400);
  EXPECT_EQ(admin("POST", "/revoke", "{}").status, 400);
  EXPECT_EQ(admin("POST", "/revoke", R"({"upn":"x@y"})").status, 404);
  EXPECT_EQ(admin("POST", "/users", "{}").status, 400);
  EXPECT_EQ(admin("POST", "/vault-roles", R"({"principal":"x","role":"none"})").status, 404);
  EXPECT_EQ(admin("POST", "/vault-roles", R"({"principal":"admin@contoso.com","role":"King"})").status, 400);
}

TEST_F(AdminApi, AnswersToLoopbackNamesOnly) {
  HttpRequest request;
  request.method = "GET";
  request.host = "rebound.example";
  set_target(request, "/tokens");
  EXPECT_EQ(emulator->admin(request).status, 403);
}

TEST_F(AdminApi, AnyCodeComesWithAnyText) {
  EXPECT_EQ(admin("POST", "/policy", R"({"refreshError":530099})").status, 400) << "not known";
  EXPECT_EQ(admin("POST", "/policy", R"({"errorTexts":{"530099":"The app 'Contoso' is blocked."},"signInError":530099})").status, 200);
  const auto answer = post_form(std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/devicecode", "client_id=" + std::string(kAzurePowerShell) +
                                                                                                   "&scope=openid");
  EXPECT_EQ(answer.status, 200) << "met by the sign-in, not before";
  for (const auto* bad : {R"({"errorTexts":[]})", R"({"errorTexts":{"x":"y"}})", R"({"errorTexts":{"1":2}})"})
    EXPECT_EQ(admin("POST", "/policy", bad).status, 400) << bad;
  EXPECT_EQ(admin("POST", "/policy", R"({"errorTexts":null,"signInError":null})").status, 200);
}

}  // namespace
}  // namespace portalkey::sandbox
