#include "entra/credentials/person_credential.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/entra/jwt.h"
#include "tests/scripted_http.h"

namespace portalkey::person_credential_test {
namespace {

using namespace std::chrono_literals;

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  int announced = 0;
  std::unique_ptr<Credential> credential = make_device_code_credential(
      TokenEndpoint(http, *find_cloud("global"), "contoso.com", clock, random), "client",
      [this](const DeviceCode&) -> Result<void> {
        ++announced;
        return {};
      },
      clock);
  World& sign_in(const char* refresh_token) {
    http.answer(
        200,
        R"({"user_code":"ABCD","device_code":"D","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5})");
    http.answer(200, std::string(R"({"access_token":"AT1","refresh_token":")") + refresh_token + R"(","expires_in":3600})");
    return *this;
  }
  Result<Secret> ask(const std::string& resource) { return credential->access_token(resource, Deadline::in(20min, clock)); }
};

TEST(PersonCredential, IsAskedOnceForSeveralResources) {
  World world;
  world.sign_in("RT1").http.answer(200, R"({"access_token":"AT2","refresh_token":"RT2","expires_in":3600})");
  ASSERT_TRUE(world.ask("https://vault.azure.net"));
  ASSERT_TRUE(world.ask("https://graph.microsoft.com"));
  EXPECT_EQ(world.announced, 1);
  EXPECT_NE(world.http.sent[2].body.find("refresh_token=RT1"), std::string::npos);
  EXPECT_NE(world.http.sent[2].body.find("graph.microsoft.com"), std::string::npos);
  EXPECT_NE(world.http.sent[0].body.find("cp1"), std::string::npos);
}

TEST(PersonCredential, IsAskedAgainWhenTheSignInIsNotEnough) {
  World world;
  world.sign_in("RT1").http.answer(400, R"({"error":"interaction_required","error_codes":[50076]})");
  world.sign_in("RT2");
  ASSERT_TRUE(world.ask("a"));
  ASSERT_TRUE(world.ask("b"));
  EXPECT_EQ(world.announced, 2);
}

TEST(PersonCredential, AnAnswerForSomebodyElseIsNotUsed) {
  const auto answer = [](const std::string& id, const std::string& tenant, const std::string& refresh_token) {
    return R"({"access_token":")" + unsigned_jwt(R"({"oid":")" + id + R"(","tid":")" + tenant + R"("})") +
           R"(","refresh_token":")" + refresh_token + R"(","expires_in":3600})";
  };
  World world;
  world.http.answer(
      200,
      R"({"user_code":"ABCD","device_code":"D","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5})");
  world.http.answer(200, answer("1", "t", "RT1")).answer(200, answer("1", "T", "RT2")).answer(200, answer("2", "t", "EVIL"));
  world.http.answer(200, answer("1", "u", "EVIL"))
      .answer(200, R"({"access_token":"AT","refresh_token":"EVIL","expires_in":3600})");
  world.http.answer(200, answer("1", "t", "RT3"));
  ASSERT_TRUE(world.ask("a"));
  ASSERT_TRUE(world.ask("b"));
  for (const char* resource : {"c", "d", "e"}) EXPECT_EQ(world.ask(resource).error().code, Errc::forbidden) << resource;
  ASSERT_TRUE(world.ask("f"));
  EXPECT_NE(world.http.sent.back().body.find("refresh_token=RT2"), std::string::npos) << "a stranger's was kept";
  EXPECT_EQ(world.announced, 1);
}

TEST(PersonCredential, AnOutageIsNoReasonToAskAgain) {
  World world;
  world.sign_in("RT1").http.lose_answer();
  ASSERT_TRUE(world.ask("a"));
  EXPECT_EQ(world.ask("b").error().code, Errc::unavailable);
  EXPECT_EQ(world.announced, 1);
}

TEST(PersonCredential, RefusalsSayWhatThatPersonCanDo) {
  const struct {
    int code;
    const char* remedy;
  } rows[] = {{50076, "multi-factor"},
              {50079, "multi-factor"},
              {53003, "[[setting|credential|browser]]"},
              {7000218, "public client flows"}};
  for (const auto& row : rows) {
    World world;
    world.http.answer(
        200,
        R"({"user_code":"ABCD","device_code":"D","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5})");
    world.http.answer(400, R"({"error":"invalid_grant","error_codes":[)" + std::to_string(row.code) + "]}");
    auto token = world.ask("a");
    ASSERT_FALSE(token);
    EXPECT_NE(token.error().remedy.find(row.remedy), std::string::npos) << row.code << ": " << token.error().remedy;
    EXPECT_EQ(token.error().remedy.find("[[sign-in"), std::string::npos) << "that is the service account's";
  }
}

}  // namespace
}  // namespace portalkey::person_credential_test
