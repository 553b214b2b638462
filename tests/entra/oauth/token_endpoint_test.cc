#include "entra/oauth/token_endpoint.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/random.h"
#include "tests/hostile_urls.h"
#include "tests/scripted_http.h"

namespace portalkey::token_endpoint_test {
namespace {

using namespace std::chrono_literals;

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  TokenEndpoint endpoint{http, *find_cloud("global"), "contoso.com", clock, random};
  Deadline deadline() const { return Deadline::in(20min, clock); }
  std::chrono::seconds waited() const {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.steady_now().time_since_epoch());
  }
};

const std::string kPending = R"({"error":"authorization_pending","error_codes":[70016]})";
const std::string kTokens = R"({"access_token":"AT","refresh_token":"RT","expires_in":4905})";

DeviceCode device_code() {
  DeviceCode code;
  code.user_code = "ABCD";
  code.device_code = Secret("DEVICE");
  code.lifetime = 900s;
  code.interval = 5s;
  return code;
}

TEST(TokenEndpoint, RedeemAsksForTheResourceAndASuccessor) {
  World world;
  world.http.answer(200, kTokens);
  auto answer = world.endpoint.redeem(Secret("0.AX/old"), "client", "74658136-14ec-4630-ad9b-26e160ff0fc6", world.deadline());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->lifetime, 4905s);
  EXPECT_EQ(world.http.sent[0].url, "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
  EXPECT_EQ(world.http.sent[0].body,
            "grant_type=refresh_token&client_id=client&refresh_token=0.AX%2Fold&scope=74658136-14ec-4630-ad9b-26e160ff0fc6%2F."
            "default%20offline_access%20openid%20profile");
}

TEST(TokenEndpoint, NumbersMayBeSpelledAsStrings) {
  World world;
  world.http.answer(200, R"({"access_token":"AT","expires_in":"4905"})");
  EXPECT_EQ(world.endpoint.redeem(Secret("x"), "c", "r", world.deadline())->lifetime, 4905s);
}

TEST(TokenEndpoint, AnAnswerWithoutTokenIsAnError) {
  for (const char* body : {"", "{}", "[]", R"({"access_token":7})", "<html>"}) {
    World world;
    world.http.answer(200, body);
    EXPECT_FALSE(world.endpoint.redeem(Secret("x"), "c", "r", world.deadline())) << body;
  }
}

TEST(TokenEndpoint, WhatIsNoTokenIsDropped) {
  for (const char* body : {R"({"access_token":"AT\r\nX-Evil: 1","expires_in":3600})", R"({"access_token":"A T"})",
                           R"({"access_token":"AT","refresh_token":"RT\n"})",
                           R"({"access_token":"AT","refresh_token":"RT\u0000"})", R"({"access_token":"\u00e9"})"}) {
    World world;
    world.http.answer(200, body);
    const auto answer = world.endpoint.redeem(Secret("x"), "c", "r", world.deadline());
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Errc::unavailable);
  }
}

TEST(TokenEndpoint, KnowsItsIssuer) {
  World world;
  const std::string tenant = "11111111-2222-3333-4444-555555555555", other = "99999999-2222-3333-4444-555555555555";
  const auto issuer = [](const std::string& id) { return "https://login.microsoftonline.com/" + id + "/v2.0"; };
  EXPECT_TRUE(world.endpoint.is_issuer(issuer(tenant))) << "of a tenant that is known by its domain";
  EXPECT_FALSE(world.endpoint.is_issuer(issuer("common")));
  EXPECT_FALSE(world.endpoint.is_issuer("https://login.microsoftonline.com/v2.0"));
  EXPECT_FALSE(world.endpoint.is_issuer(issuer(tenant) + "/"));
  EXPECT_FALSE(world.endpoint.is_issuer("https://evil.example/" + tenant + "/v2.0"));
  const TokenEndpoint by_id(world.http, *find_cloud("global"), tenant, world.clock, world.random);
  EXPECT_TRUE(by_id.is_issuer(issuer(tenant)));
  EXPECT_FALSE(by_id.is_issuer(issuer(other)));
}

TEST(DeviceCode, PollsAtTheIntervalAndSlowsDownWhenAsked) {
  World world;
  world.http.answer(400, kPending).answer(400, R"({"error":"slow_down"})").lose_answer().answer(503, "").answer(200, kTokens);
  auto answer = world.endpoint.await_device_code(device_code(), "client", world.deadline());
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(world.waited(), 5s + 5s + 10s + 10s + 10s);
}

TEST(DeviceCode, StopsWhenDeclinedExpiredOrBlocked) {
  for (const char* body :
       {R"({"error":"authorization_declined"})", R"({"error":"access_denied"})",
        R"({"error":"expired_token","error_codes":[70020]})", R"({"error":"code_expired","error_codes":[70019]})",
        R"({"error":"bad_verification_code","error_codes":[70018]})", R"({"error":"invalid_grant","error_codes":[53003]})"}) {
    World world;
    world.http.answer(400, body);
    auto answer = world.endpoint.await_device_code(device_code(), "client", world.deadline());
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Errc::needs_person) << body;
  }
}

TEST(DeviceCode, NobodySignsInBeforeTheCodeExpires) {
  World world;
  for (int i = 0; i < 179; ++i) world.http.answer(400, kPending);
  auto answer = world.endpoint.await_device_code(device_code(), "client", world.deadline());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::needs_person);
}

TEST(TenantId, ADomainNameIsResolvedThroughDiscovery) {
  World world;
  world.http.answer(
      200, R"({"token_endpoint":"https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token"})");
  EXPECT_EQ(*world.endpoint.tenant_id(world.deadline()), "11111111-2222-3333-4444-555555555555");
  world.http.answer(200, R"({"token_endpoint":"https://login.microsoftonline.com/common/oauth2/v2.0/token"})");
  EXPECT_EQ(world.endpoint.tenant_id(world.deadline()).error().code, Errc::invalid_input);
}

TEST(TenantId, ComesFromTheCloudsOwnSignInServiceOnly) {
  constexpr const char* kPath = "/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token";
  auto urls = hostile_urls("login.microsoftonline.com", kPath);
  urls.push_back("https://evil.example" + std::string(kPath));
  urls.push_back("https://login.microsoftonline.com/x" + std::string(kPath));
  for (const auto& url : urls) {
    World world;
    world.http.answer(200, boost::json::serialize(boost::json::object{{"token_endpoint", url}}));
    EXPECT_FALSE(world.endpoint.tenant_id(world.deadline())) << url;
  }
}

TEST(TokenEndpoint, ATenantStaysInItsPlaceOfThePath) {
  for (const char* tenant : {"../x", "a/b", "..", "a\\b", "x%2f..", "a\r\nb"}) {
    World world;
    TokenEndpoint endpoint(world.http, *find_cloud("global"), tenant, world.clock, world.random);
    EXPECT_FALSE(endpoint.redeem(Secret("x"), "c", "r", world.deadline())) << tenant;
    EXPECT_TRUE(world.http.sent.empty()) << tenant;
  }
}

TEST(DeviceCodeFlow, PeopleAreSentToEntrasPagesOnly) {
  const auto start = [](const std::string& page, const char* cloud = "global") {
    ManualClock clock{from_unix_seconds(1'767'225'600)};
    Random random{1};
    ScriptedHttp http;
    TokenEndpoint endpoint{http, *find_cloud(cloud), "contoso.com", clock, random};
    http.answer(200, boost::json::serialize(
                         boost::json::object{{"user_code", "ABCD"}, {"device_code", "D"}, {"verification_uri", page}}));
    return endpoint.start_device_code("c", "r", Deadline::in(20min, clock));
  };
  for (const char* page :
       {"https://microsoft.com/devicelogin", "https://www.microsoft.com/link", "https://login.microsoft.com/device",
        "https://login.microsoftonline.com/common/oauth2/deviceauth"}) {
    auto code = start(page);
    ASSERT_TRUE(code) << page;
    EXPECT_EQ(code->verification_uri, page);
  }
  EXPECT_TRUE(start("https://login.partner.microsoftonline.cn/common/oauth2/deviceauth", "china"));
  auto bad = hostile_urls("microsoft.com", "/devicelogin");
  for (const char* page :
       {"", "u", "https://evil.example/devicelogin", "https://microsoft.com.evil.example/devicelogin",
        "https://rnicrosoft.com/devicelogin", "https://login.partner.microsoftonline.cn/common/oauth2/deviceauth"}) {
    bad.emplace_back(page);
  }
  for (const auto& page : bad) {
    const auto code = start(page);
    ASSERT_FALSE(code) << page;
    EXPECT_EQ(code.error().code, Errc::unavailable) << page;
    if (page.contains('\xff')) continue;  // no JSON
    EXPECT_NE(code.error().what.find("not Entra's"), std::string::npos) << code.error().what;
  }
}

}  // namespace
}  // namespace portalkey::token_endpoint_test
