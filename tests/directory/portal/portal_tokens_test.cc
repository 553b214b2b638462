#include "directory/portal/portal_tokens.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/random.h"
#include "tests/scripted_http.h"

namespace portalkey::portal_tokens_test {
namespace {

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  PortalApi api{http, "main.iam.ad.ext.azure.com", [](const Secret*, const Deadline&) { return Result<Secret>(Secret("AT")); },
                clock, random};
  PortalTokens tokens{api};
  Deadline deadline() const { return Deadline::in(std::chrono::minutes(1), clock); }
};

TEST(PortalTokens, ListFollowsPagesAndAlwaysSendsThreeParameters) {
  World world;
  world.http
      .answer(
          200,
          R"({"skipToken":"a+b/=","items":[{"oathId":"1","objectId":"u","upn":"O'Brien+x@contoso.com","serialNumber":"0012","timeInterval":30,"enabled":true}]})")
      .answer(
          200,
          R"({"skipToken":null,"items":[{"oathId":"3","upn":"o'brien+xy@contoso.com","serialNumber":"14"},{"oathId":"2","upn":"o'brien+x@contoso.com","serialNumber":"13","timeInterval":"60","enabled":false}]})");
  auto listed = world.tokens.list({.upn = "o'brien+x@contoso.com", .active = true}, world.deadline());
  ASSERT_TRUE(listed) << listed.error().what;
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].serial, "0012");
  EXPECT_TRUE((*listed)[0].active);
  EXPECT_EQ((*listed)[1].step, 60);
  EXPECT_EQ(world.http.sent[0].url,
            "https://main.iam.ad.ext.azure.com/api/MultiFactorAuthentication/HardwareToken/"
            "users?skipToken=&upn=o%27%27brien%2Bx%40contoso.com&enabledFilter=true");
  EXPECT_NE(world.http.sent[1].url.find("skipToken=a%2Bb%2F%3D&"), std::string::npos);
}

TEST(PortalTokens, ARepeatedPageEndsTheReading) {
  World world;
  world.http.answer(200, R"({"skipToken":"a","items":[]})").answer(200, R"({"skipToken":"a","items":[]})");
  EXPECT_EQ(world.tokens.list({}, world.deadline()).error().code, Errc::unavailable);
}

TEST(PortalTokens, UploadsComeAsArrayOrItems) {
  for (
      const char* body :
      {R"([{"fileName":"a.csv","fileProcessingStatus":"CompletedWithNoErrors"},{"fileName":"b","fileProcessingStatus":"CompletedWithErrors"},)"
       R"({"fileName":"c","fileProcessingStatus":"Whatever"},{"fileName":"d","fileProcessingStatus":"Failed"}])",
       R"({"items":[{"fileName":"a.csv","fileProcessingStatus":"CompletedWithNoErrors"},{"fileName":"b","fileProcessingStatus":"CompletedWithErrors"},)"
       R"({"fileName":"c","fileProcessingStatus":"Whatever"},{"fileName":"d","fileProcessingStatus":"Failed"}]})"}) {
    World world;
    world.http.answer(200, body);
    auto uploads = world.tokens.uploads(world.deadline());
    ASSERT_TRUE(uploads);
    using State = UploadStatus::State;
    ASSERT_EQ(uploads->size(), 4u);
    EXPECT_EQ((*uploads)[0].state, State::completed);
    EXPECT_EQ((*uploads)[1].state, State::completed_with_errors);
    EXPECT_EQ((*uploads)[2].state, State::running);
    EXPECT_EQ((*uploads)[3].state, State::failed);
  }
}

TEST(PortalTokens, ActivateSendsTheCodeAsTextMadeAtTheLastMoment) {
  World world;
  world.http.answer(200, "");
  TenantToken token{.oath_id = "oath",
                    .user_id = "user",
                    .upn = "x@y.z",
                    .display_name = {},
                    .serial = "0012",
                    .manufacturer = {},
                    .model = {},
                    .step = 30};
  ASSERT_TRUE(world.tokens.activate(token, [] { return std::string("012345"); }, world.deadline()));
  const auto body = boost::json::parse(world.http.sent[0].body);
  EXPECT_EQ(body.at("verificationCode"), "012345");
  EXPECT_EQ(body.at("oathId"), "oath");
  EXPECT_EQ(body.at("objectId"), "user");
  EXPECT_EQ(body.at("enableAction"), "Activate");
}

TEST(PortalTokens, ABodyOfFalseIsARefusal) {
  World world;
  world.http.answer(200, " false\n");
  EXPECT_EQ(world.tokens.activate({}, [] { return std::string("1"); }, world.deadline()).error().code, Errc::invalid_input);
}

TEST(EntraCsv, HasTheExactHeaderAndNoStrayCommas) {
  TokenSeed seed;
  seed.upn = "o'brien@contoso.com";
  seed.serial = "0012";
  seed.base32 = Secret("JBSWY3DPEHPK3PXP");
  seed.step = 60;
  seed.manufacturer = "Feitian Technology Co.,Ltd";
  seed.model = "OTP \"c200\"";
  const TokenSeed* seeds[] = {&seed};
  EXPECT_EQ(entra_csv(seeds).reveal([](std::string_view text) { return std::string(text); }),
            "upn,serial number,secret key,time interval,manufacturer,model\r\n"
            "o'brien@contoso.com,0012,JBSWY3DPEHPK3PXP,60,Feitian Technology Co. Ltd,OTP  c200 \r\n");
}

TEST(PortalTokens, AListThatGoesInCirclesEnds) {
  World world;
  for (const char* next : {"1", "2", "1"}) world.http.answer(200, std::string(R"({"items":[],"skipToken":")") + next + "\"}");
  const auto listed = world.tokens.list({}, world.deadline());
  ASSERT_FALSE(listed);
  EXPECT_NE(listed.error().what.find("circles"), std::string::npos) << listed.error().what;
}

TEST(PortalTokens, ASkipTokenStaysInTheQuery) {
  World world;
  world.http.answer(200, R"({"items":[],"skipToken":"x&upn=eve#/../\\@evil.example"})")
      .answer(200, R"({"items":[],"skipToken":null})");
  ASSERT_TRUE(world.tokens.list({}, world.deadline()));
  EXPECT_EQ(world.http.sent[1].url,
            "https://main.iam.ad.ext.azure.com/api/MultiFactorAuthentication/HardwareToken/"
            "users?skipToken=x%26upn%3Deve%23%2F..%2F%5C%40evil.example&upn=&enabledFilter=");
}

}  // namespace
}  // namespace portalkey::portal_tokens_test
