// What an activation and a sign-in teach of a device's clock, and who gets in with it.
#include "otp/base32.h"
#include "otp/totp.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kKey = "2234567ABCDEF2234567ABCDEF";

class TokenSignInTest : public SandboxTest {
 protected:
  void begin(bool wide, int interval = 30) {
    auto options = usual();
    options.portal_activation_wide = wide;
    start(std::move(options));
    step = std::chrono::seconds(interval);
    ASSERT_EQ(admin("POST", "/tokens",
                    json::serialize(
                        json::object{{"upn", kHelga}, {"serialNumber", "1"}, {"secretKey", kKey}, {"timeInterval", interval}}))
                  .status,
              200);
    token = access_token(kPortalApp);
  }
  /// What the device shows, its clock this far ahead.
  std::string shown(std::chrono::seconds ahead) const { return totp(*decode_base32(kKey), clock.now() + ahead, step, 6); }
  int activate(std::chrono::seconds ahead) {
    const auto rows =
        object_of(portal("GET", "/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter=", token));
    auto row = member(rows, "items")->get_array().at(0).get_object();
    row["enableAction"] = "Activate";
    row["verificationCode"] = shown(ahead);
    return portal("POST", "/MultiFactorAuthentication/HardwareToken/enable", token, json::serialize(row)).status;
  }
  json::object sign_in_with(std::string_view code, std::string_view upn = kHelga) {
    const auto answer = admin("POST", "/sign-in-with-token", json::serialize(json::object{{"upn", upn}, {"code", code}}));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return object_of(answer);
  }
  bool gets_in(std::chrono::seconds ahead) { return *bool_member(sign_in_with(shown(ahead)), "signedIn"); }
  std::int64_t drift() {
    const auto tokens = object_of(admin("GET", "/tokens"));
    return *int_member(member(tokens, "tokens")->get_array().at(0).get_object(), "driftSeconds");
  }

  std::chrono::seconds step{30};
  std::string token;
};

TEST_F(TokenSignInTest, AnActivationLearnsTheDevicesClock) {
  begin(true);
  EXPECT_EQ(activate(24h + 30s), 400) << "more than a day";
  EXPECT_EQ(activate(20h), 200);
  EXPECT_EQ(drift(), 20 * 3600);
  EXPECT_FALSE(gets_in(0s)) << "the code of our clock is none of the device's now";
  advance(60s);
  EXPECT_TRUE(gets_in(20h));
}

TEST_F(TokenSignInTest, AComputedCodeTeachesThatTheClockIsRight) {
  begin(true);
  EXPECT_EQ(activate(0s), 200);
  advance(10min);
  EXPECT_FALSE(gets_in(5min)) << "active, and of no use: its clock is five minutes ahead";
  EXPECT_TRUE(gets_in(0s));
}

TEST_F(TokenSignInTest, TheNarrowWindowIsAStepEitherWay) {
  begin(false);
  EXPECT_EQ(activate(60s), 400);
  EXPECT_EQ(activate(-60s), 400);
  EXPECT_EQ(activate(30s), 200);
  EXPECT_EQ(drift(), 30);
}

TEST_F(TokenSignInTest, SixtySecondTokensHaveTwiceTheTime) {
  begin(true, 60);
  EXPECT_EQ(activate(48h + 60s), 400);
  EXPECT_EQ(activate(-47h), 200);
  EXPECT_EQ(drift(), -47 * 3600);
  advance(10min);
  EXPECT_FALSE(gets_in(-47h + 180s));
  EXPECT_TRUE(gets_in(-47h + 120s));
}

TEST_F(TokenSignInTest, EachSignInLearnsFromTheLast) {
  begin(false);
  ASSERT_EQ(activate(0s), 200);
  // A clock that gains a minute between two sign-ins is followed; one that gained the same at once is not.
  for (const auto ahead : {60s, 120s, 180s, 240s}) {
    advance(10min);
    EXPECT_TRUE(gets_in(ahead)) << ahead.count();
    EXPECT_EQ(drift(), ahead.count());
  }
  advance(10min);
  EXPECT_FALSE(gets_in(240s + 90s));
  EXPECT_FALSE(gets_in(240s - 90s));
}

TEST_F(TokenSignInTest, ACodeIsGoodOnceAndNoneBeforeItCountsAnyMore) {
  begin(false);
  ASSERT_EQ(activate(0s), 200);
  EXPECT_FALSE(gets_in(0s)) << "the activation used it";
  EXPECT_FALSE(gets_in(-30s));
  advance(60s);
  const auto once = shown(0s);
  EXPECT_TRUE(*bool_member(sign_in_with(once), "signedIn"));
  const auto twice = sign_in_with(once);
  EXPECT_FALSE(*bool_member(twice, "signedIn"));
  EXPECT_EQ(json::serialize(twice).find(once), std::string::npos);
}

TEST_F(TokenSignInTest, OnlyWhoMayGetsIn) {
  begin(false);
  EXPECT_FALSE(gets_in(0s)) << "not active yet";
  ASSERT_EQ(activate(0s), 200);
  advance(60s);
  EXPECT_FALSE(*bool_member(sign_in_with(shown(0s), "other@contoso.com"), "signedIn"));
  emulator->world().state.oath_method_policy.enabled = false;
  EXPECT_FALSE(gets_in(0s));
  emulator->world().state.oath_method_policy.enabled = true;
  emulator->world().state.oath_method_policy.exclude_targets = R"([{"targetType":"group","id":"all_users"}])";
  EXPECT_FALSE(gets_in(0s));
  emulator->world().state.oath_method_policy.exclude_targets = "[]";
  admin("POST", "/users", R"({"upn":"Helga@contoso.com","disabled":true})");
  EXPECT_FALSE(gets_in(0s));
  admin("POST", "/users", R"({"upn":"Helga@contoso.com","disabled":false})");
  EXPECT_TRUE(gets_in(0s));
  EXPECT_EQ(admin("POST", "/sign-in-with-token", R"({"upn":"nobody@fabrikam.com","code":"123456"})").status, 404);
  EXPECT_EQ(admin("POST", "/sign-in-with-token", R"({"upn":"Helga@contoso.com"})").status, 400);
}

TEST_F(TokenSignInTest, ARestartForgetsNoDrift) {
  begin(true);
  ASSERT_EQ(activate(-3h), 200);
  auto made = Emulator::make(usual(), clock, emulator->saved());
  ASSERT_TRUE(made) << made.error().what;
  emulator.emplace(std::move(*made));
  EXPECT_EQ(drift(), -3 * 3600);
  advance(60s);
  EXPECT_TRUE(gets_in(-3h));
}

}  // namespace
}  // namespace portalkey::sandbox
