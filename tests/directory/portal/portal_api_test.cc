#include "directory/portal/portal_api.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/random.h"
#include "tests/hostile_urls.h"
#include "tests/scripted_http.h"

namespace portalkey::portal_api_test {
namespace {

constexpr const char* kExpired =
    R"({"ClassName":"Microsoft.Portal.Framework.Exceptions.ClientException","Message":"AADSTS500133: Assertion is not within its valid time range.",)"
    R"("HttpStatusCode":400,"ClientData":{"errorCode":"msalautherror_invalid_grant"}})";

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  std::vector<bool> asked;
  PortalApi api{http, "main.iam.ad.ext.azure.com",
                [this](const Secret* refused, const Deadline&) {
                  asked.push_back(refused != nullptr);
                  return Result<Secret>(Secret(refused != nullptr ? "NEW" : "OLD"));
                },
                clock, random};
  Result<Response> get(std::string path) {
    PortalCall call;
    call.path = std::move(path);
    return api.call(std::move(call), Deadline::in(std::chrono::minutes(1), clock));
  }
};

TEST(PortalApi, SendsTheHeadersTheApiDemands) {
  World world;
  world.http.answer(200, "[]");
  ASSERT_TRUE(world.get("/api/AccountSkus?backfillTenants=true"));
  const auto& sent = world.http.sent[0];
  EXPECT_EQ(sent.url, "https://main.iam.ad.ext.azure.com/api/AccountSkus?backfillTenants=true");
  EXPECT_EQ(sent.bearer, "OLD");
  const std::map<std::string, std::string> headers(sent.headers.begin(), sent.headers.end());
  const std::regex guid("[0-9a-f-]{36}");
  EXPECT_TRUE(std::regex_match(headers.at("x-ms-client-request-id"), guid));
  EXPECT_TRUE(std::regex_match(headers.at("x-ms-correlation-id"), guid));
  EXPECT_EQ(headers.at("X-Requested-With"), "XMLHttpRequest");
}

TEST(PortalApi, AnExpiredAccessTokenIsRenewedOnce) {
  World world;
  world.http.answer(400, kExpired).answer(200, "[]");
  ASSERT_TRUE(world.get("/api/x"));
  EXPECT_EQ(world.http.sent[1].bearer, "NEW");
  world.http.answer(400, kExpired).answer(400, kExpired);
  auto again = world.get("/api/x");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::unauthenticated);
}

TEST(PortalApi, AClaimsChallengeIsMetByARenewedTokenOrNeedsAPerson) {
  const std::multimap<std::string, std::string> challenge{
      {"www-authenticate", R"(Bearer error="insufficient_claims", claims="eyJhIjp7fX0=")"}};
  World world;
  world.http.answer(401, "", challenge).answer(200, "[]");
  ASSERT_TRUE(world.get("/api/x"));
  EXPECT_EQ(world.http.sent[1].bearer, "NEW");
  world.http.answer(401, "", challenge).answer(401, "", challenge);
  auto again = world.get("/api/x");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::needs_person);
}

TEST(PortalApi, OnlyAPathMayComeIn) {
  for (const char* bad :
       {"", "api/x", "//evil.example/api", "/api/x y", "/api/\r\nHost: evil", "https://evil.example/", "/api/x#y", "/\\evil"}) {
    World world;
    auto answer = world.get(bad);
    ASSERT_FALSE(answer) << bad;
    EXPECT_EQ(answer.error().code, Errc::invalid_input) << bad;
  }
}

TEST(PortalApi, ARedirectIsAnErrorAndNotFollowed) {
  World world;
  world.http.answer(302, "", {{"location", "https://evil.example/"}});
  EXPECT_EQ(world.get("/api/x").error().code, Errc::unavailable);
  EXPECT_EQ(world.http.sent.size(), 1u);
}

TEST(PortalRefusal, EachShapeIsUnderstood) {
  const struct {
    int status;
    const char* body;
    Errc code;
    const char* what;
  } rows[] = {
      {401, "<html><body>Unauthorized</body></html>", Errc::unauthenticated, "access token"},
      {400, R"({"Message":"AADSTS50076: MFA"})", Errc::needs_person, "50076"},
      {400, R"({"message":"plain message"})", Errc::invalid_input, "plain message"},
      {400,
       R"({"ClientData":{"errorCode":"BadRequest","localizedErrorDetails":{"hardwareTokenUploadValidationFailure":"Invalid base32"}}})",
       Errc::invalid_input, "Invalid base32"},
      {400, R"({"errorCode":"BadRequest","localizedErrorDetails":{"errorDetail":"detail"}})", Errc::invalid_input, "detail"},
      {400, R"({"ClientData":{"operationResults":[{"details":"first"}]}})", Errc::invalid_input, "first"},
      {400, R"({"ClientData":{"operationResults":null,"localizedErrorDetails":null}})", Errc::invalid_input, "refused"},
      {403, R"({"message":"No right"})", Errc::forbidden, "may not do this: No right"},
      {403, "<html><title>Blocked</title>", Errc::unavailable, "status 403 came with an HTML page titled \"Blocked\""},
      {403, "", Errc::forbidden, "status 403 came with an empty body"},
      {404, "", Errc::unavailable, "an empty body"},
      {400, "<html>", Errc::unavailable, "an HTML page"},
      {401, "<html><title>Unauthorized</title>", Errc::unauthenticated,
       "access token (with an HTML page titled \"Unauthorized\")"},
      {407, "<html>", Errc::unavailable, "status 407"},
      {503, "<html><title>Our services</title>", Errc::unavailable, "not available (with an HTML page"},
      {400, R"({"message":"AADSTS999999: Something new. Trace ID: 1"})", Errc::needs_person,
       "says: Something new (invalid_grant, AADSTS999999)"},
      {404, R"({"message":"No HTTP resource was found"})", Errc::not_found, "No HTTP resource"},
      {429, "", Errc::throttled, "slow down"},
      {500, "", Errc::unavailable, "not available"},
  };
  for (const auto& row : rows) {
    Response response;
    response.status = row.status;
    response.body = Secret(std::string_view(row.body));
    const auto error = portal_refusal(response);
    EXPECT_EQ(error.code, row.code) << row.body;
    EXPECT_NE(error.what.find(row.what), std::string::npos) << row.body << " -> " << error.what;
  }
}

TEST(PortalApi, APageInAnAnswersPlaceHasDoneNothing) {
  for (const char* page : {"<html><title>Sign in to the hotel</title></html>", "\xEF\xBB\xBF<!DOCTYPE html>", " <?xml?>"}) {
    World world;
    world.http.answer(200, page);
    const auto answer = world.get("/api/AccountSkus");
    ASSERT_FALSE(answer) << page;
    EXPECT_EQ(answer.error().code, Errc::unavailable);
  }
}

TEST(PortalApi, APathLeadsNowhereElse) {
  std::vector<std::string> paths;
  for (const auto& url : hostile_urls("x.example", "/api/x?y=z")) {
    const auto at = url.find("x.example");
    if (at != std::string::npos && url.substr(at + 9, 1) == "/") paths.push_back(url.substr(at + 9));  // as a path ...
    paths.push_back(url);                                                                              // ... and whole
  }
  std::erase(paths, "/api/x?y=z");
  for (const auto& path : paths) {
    World world;
    const auto answer = world.get(path);
    ASSERT_FALSE(answer) << path;
    EXPECT_EQ(answer.error().code, Errc::invalid_input) << path;
    EXPECT_NE(answer.error().what.find("path"), std::string::npos) << answer.error().what;
    EXPECT_TRUE(world.http.sent.empty()) << path;
  }
}

}  // namespace
}  // namespace portalkey::portal_api_test
