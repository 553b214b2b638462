#include "base/time_text.h"
#include "tests/sandbox/sandbox_fixture.h"

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

/// A request as somebody sends it who has no token, or has it; `host` is a Host header.
HttpRequest request_of(std::string_view method, std::string_view path, std::string_view host, TextPairs headers,
                       std::string body = {}) {
  HttpRequest request;
  request.method = method;
  request.host = host.substr(0, host.find(':'));
  set_target(request, path);
  request.headers = std::move(headers);
  request.headers.emplace_back("host", host);
  request.body = std::move(body);
  return request;
}

constexpr std::string_view kHere = "127.0.0.1:8080";

TEST_F(AdminApi, AnswersToLoopbackNamesOnly) {
  const std::string token = emulator->world().state.admin_token;
  for (const auto* host : {"rebound.example", "127.0.0.1.nip.io", "localhost.example:8080", "[::1]", "", "169.254.169.254"}) {
    EXPECT_EQ(emulator->admin(request_of("GET", "/tokens", host, {{"x-sandbox-token", token}})).status, 403) << host;
    EXPECT_EQ(emulator->admin(request_of("GET", "/devicelogin", host, {})).status, 403) << host;
  }
  EXPECT_EQ(emulator->admin(request_of("GET", "/tokens", "localhost:8080", {{"x-sandbox-token", token}})).status, 200);
}

TEST_F(AdminApi, NothingWithoutTheToken) {
  const std::string token = emulator->world().state.admin_token;
  EXPECT_EQ(token.size(), 43u);
  for (const auto* path : {"/faults", "/clock", "/users", "/policy", "/requests", "/tokens", "/uploads", "/vault-roles",
                           "/role-assignments", "/revoke", "/federated-token", "/nothing"}) {
    for (const auto* method : {"GET", "POST", "DELETE", "OPTIONS", "HEAD", "PUT"}) {
      for (const auto& given : {std::string(), std::string("1"), token.substr(1), token + "x", std::string(43, 'x')}) {
        TextPairs headers{{"content-type", "application/json"}};
        if (!given.empty()) headers.emplace_back("x-sandbox-token", given);
        const auto answer = emulator->admin(request_of(method, path, kHere, std::move(headers), "{}"));
        EXPECT_EQ(answer.status, 401) << method << ' ' << path;
        EXPECT_EQ(answer.body.find(token), std::string::npos);
        for (const auto& [name, value] : answer.headers) EXPECT_FALSE(lower(name).starts_with("access-control")) << name;
      }
    }
  }
  EXPECT_EQ(emulator->admin(request_of("GET", "/health", kHere, {})).status, 200);
}

TEST_F(AdminApi, RefusesPagesOfOtherOrigins) {
  const std::string token = emulator->world().state.admin_token;
  for (const auto* origin : {"https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:8081",
                             "https://127.0.0.1:8080", "http://localhost:8080", ""}) {
    for (const auto* path : {"/tokens", "/devicelogin", "/health"}) {
      EXPECT_EQ(emulator->admin(request_of("GET", path, kHere, {{"x-sandbox-token", token}, {"origin", origin}})).status, 403)
          << origin << ' ' << path;
    }
    EXPECT_EQ(emulator
                  ->admin(request_of("POST", "/devicelogin", kHere,
                                     {{"content-type", "application/x-www-form-urlencoded"}, {"origin", origin}}, "code=A"))
                  .status,
              403)
        << origin;
  }
  const auto own = emulator->admin(
      request_of("POST", "/devicelogin", kHere,
                 {{"content-type", "application/x-www-form-urlencoded"}, {"origin", "http://127.0.0.1:8080"}}, "code=A"));
  EXPECT_EQ(own.status, 200) << "the page's own form";
}

TEST_F(AdminApi, TakesJsonThatSaysSo) {
  const std::string token = emulator->world().state.admin_token;
  for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"}) {
    EXPECT_EQ(emulator
                  ->admin(request_of("POST", "/clock", kHere, {{"x-sandbox-token", token}, {"content-type", type}},
                                     R"({"offsetSeconds":1})"))
                  .status,
              415)
        << type;
  }
  EXPECT_EQ(emulator
                ->admin(request_of("POST", "/clock", kHere,
                                   {{"x-sandbox-token", token}, {"content-type", "Application/JSON; charset=utf-8"}},
                                   R"({"offsetSeconds":1})"))
                .status,
            200);
}

TEST_F(AdminApi, AnyCodeComesWithAnyText) {
  EXPECT_EQ(admin("POST", "/policy", R"({"refreshError":530099})").status, 400) << "not known";
  EXPECT_EQ(
      admin("POST", "/policy", R"({"errorTexts":{"530099":"The app 'Contoso' is blocked."},"signInError":530099})").status,
      200);
  const auto answer = post_form(std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/devicecode",
                                "client_id=" + std::string(kAzurePowerShell) + "&scope=openid");
  EXPECT_EQ(answer.status, 200) << "met by the sign-in, not before";
  for (const auto* bad : {R"({"errorTexts":[]})", R"({"errorTexts":{"x":"y"}})", R"({"errorTexts":{"1":2}})"})
    EXPECT_EQ(admin("POST", "/policy", bad).status, 400) << bad;
  EXPECT_EQ(admin("POST", "/policy", R"({"errorTexts":null,"signInError":null})").status, 200);
}

}  // namespace
}  // namespace portalkey::sandbox
