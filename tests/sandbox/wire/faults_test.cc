#include "sandbox/wire/faults.h"

#include "sandbox/wire/echo.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class Faults : public SandboxTest {
 protected:
  void add(std::string rule) {
    const auto answer = admin("POST", "/faults", std::move(rule));
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  FaultyResponse vault(std::string_view method = "GET", std::string body = {}) {
    return send(method, std::string(kVault) + "/secrets/x?api-version=7.4", bearer(token), std::move(body));
  }
  void SetUp() override {
    SandboxTest::SetUp();
    token = app_token("https://vault.azure.net");
    ASSERT_EQ(vault("PUT", R"({"value":"v"})").status, 200);
  }
  std::string token;
};

TEST_F(Faults, EachKindDoesWhatItSays) {
  add(R"({"host":"vault","kind":"429","retryAfter":7,"times":1})");
  auto answer = vault();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "7");
  EXPECT_EQ(vault_code_of(answer), "Throttled");
  EXPECT_EQ(vault().status, 200) << "the rule is used up";

  add(R"({"host":"vault","kind":"429-no-retry-after","times":1})");
  answer = vault();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "");

  for (const int status : {500, 502, 503}) {
    add(R"({"host":"vault","times":1,"kind":")" + std::to_string(status) + "\"}");
    EXPECT_EQ(vault().status, status);
  }
  add(R"({"host":"vault","kind":"503","status":504,"retryAfter":2,"times":1})");
  answer = vault();
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.header("retry-after"), "2");

  add(R"({"host":"vault","kind":"latency","milliseconds":250,"times":1})");
  answer = vault();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.mishap.value().delay.count(), 250);

  add(R"({"host":"vault","kind":"hang","times":1})");
  EXPECT_TRUE(vault().mishap.value().hang);
  add(R"({"host":"vault","kind":"reset-in-body","times":1})");
  EXPECT_GT(vault().mishap.value().reset_after_body_bytes.value(), 10u);
  add(R"({"host":"vault","kind":"slow-body","times":1,"milliseconds":1000})");
  EXPECT_GT(vault().mishap.value().body_bytes_per_second, 10u);
}

TEST(Echo, QuotesTheSecretOfAnyRequest) {
  const struct {
    const char *body, *secret;
  } rows[] = {
      {R"({"value":"v1","tags":{}})", "v1"},
      {R"({"requests":[{"id":"1","body":{"serialNumber":"1","secretKey":"JBSWY3DP"}}]})", "JBSWY3DP"},
      {R"({"name":"x.csv","content":"upn,serial number,secret key\r\na@b.c,1,JBSWY3DP,30,x,y\r\n"})", "JBSWY3DP"},
      {"grant_type=refresh_token&refresh_token=0.A%2Bb", "0.A+b"},
      {"grant_type=client_credentials&client_secret=s~1", "s~1"},
      {"", "the-token"},
  };
  for (const auto& [body, secret] : rows) {
    HttpRequest request;
    request.body = body;
    request.headers = {{"authorization", "Bearer the-token"}};
    EXPECT_EQ(secret_in(request), secret);
    EXPECT_EQ(filled("a {secret} b", request), std::string("a ") + secret + " b");
  }
  HttpRequest request;
  request.body = R"({"value":"JBSWY3DP"})";
  EXPECT_EQ(filled("{secret:lower} {secret:grouped} {secret:hex} {secret:base64}", request),
            "jbswy3dp JBSW Y3DP 4a42535759334450 SkJTV1kzRFA=");
  EXPECT_EQ(filled("{secret:bytes-hex} {secret:json} {secret:percent}", request).substr(0, 23), "48656c6c6f \\u004a\\u0042");
  EXPECT_EQ(filled(R"({"a":"{body}","b":{}})", request), R"({"a":"{\"value\":\"JBSWY3DP\"}","b":{}})");
}

TEST_F(Faults, AnEchoIsARefusalThatQuotes) {
  add(R"({"host":"vault","kind":"echo","times":1})");
  auto answer = vault("PUT", R"({"value":"JBSWY3DPEHPK3PXP"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.body.contains("The value 'JBSWY3DPEHPK3PXP' is not valid.")) << answer.body;
  EXPECT_EQ(answer.header("x-ms-request-id"), "JBSWY3DPEHPK3PXP");
  add(R"({"host":"vault","kind":"echo","status":403,"body":"<p>{secret:lower}</p>","headers":{"x-a":"{secret}"},"times":1})");
  answer = vault("PUT", R"({"value":"JBSWY3DPEHPK3PXP"})");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, "<p>jbswy3dpehpk3pxp</p>");
  EXPECT_EQ(answer.header("x-a"), "JBSWY3DPEHPK3PXP");
}

TEST_F(Faults, EffectHappensOrNot) {
  add(R"({"host":"vault","method":"PUT","kind":"reset-before","times":1})");
  EXPECT_TRUE(vault("PUT", R"({"value":"lost"})").mishap.value().reset_before_answer);
  EXPECT_EQ(text_at(vault(), "value"), "v");
  add(R"({"host":"vault","method":"PUT","kind":"reset-after-effect","times":1})");
  EXPECT_TRUE(vault("PUT", R"({"value":"kept"})").mishap.value().reset_before_answer);
  EXPECT_EQ(text_at(vault(), "value"), "kept");
  add(R"({"host":"vault","method":"PUT","kind":"503","times":1})");
  vault("PUT", R"({"value":"lost"})");
  EXPECT_EQ(text_at(vault(), "value"), "kept");
}

TEST_F(Faults, RulesMatchHostPathAndMethod) {
  add(R"({"host":"login","kind":"500"})");
  EXPECT_EQ(vault().status, 200);
  EXPECT_EQ(send("GET", std::string(kLogin) + "/common/discovery/keys").status, 500);
  admin("DELETE", "/faults");
  add(R"({"path":"/SECRETS/X","method":"put","kind":"500"})");
  EXPECT_EQ(vault().status, 200);
  EXPECT_EQ(vault("PUT", R"({"value":"v"})").status, 500);
  admin("DELETE", "/faults");
  add(R"({"host":"contoso-kv","kind":"500"})");
  EXPECT_EQ(vault().status, 500);
}

TEST_F(Faults, ADateOfAnyKind) {
  const auto usual = std::string(vault().header("date"));
  add(R"({"host":"vault","kind":"date","date":"yesterday","times":1})");
  auto answer = vault();
  EXPECT_EQ(answer.header("date"), "yesterday");
  EXPECT_EQ(text_at(answer, "value"), "v");
  add(R"({"host":"vault","kind":"date","offsetSeconds":-31536000,"times":1})");
  answer = vault();
  EXPECT_NE(answer.header("date"), usual);
  EXPECT_TRUE(answer.header("date").ends_with("GMT"));
  EXPECT_EQ(vault().header("date"), usual);
}

TEST_F(Faults, SkipThenTimes) {
  add(R"({"host":"vault","kind":"500","skip":2,"times":2})");
  std::vector<int> seen;
  for (int i = 0; i < 6; ++i) seen.push_back(vault().status);
  EXPECT_EQ(seen, (std::vector<int>{200, 200, 500, 500, 200, 200}));
  EXPECT_NE(admin("GET", "/faults").body.find(R"("hits":2)"), std::string::npos);
}

TEST_F(Faults, SameSeedSameFaults) {
  const auto run = [&](std::uint64_t seed) {
    auto options = usual();
    options.seed = seed;
    start(options);
    token = app_token("https://vault.azure.net");
    add(R"({"host":"vault","kind":"500","probability":0.5})");
    std::string out;
    for (int i = 0; i < 64; ++i) out += vault().status == 500 ? 'x' : '.';
    return out;
  };
  const auto first = run(1);
  EXPECT_EQ(first, run(1));
  EXPECT_NE(first, run(2));
  const auto struck = std::ranges::count(first, 'x');
  EXPECT_GT(struck, 16);
  EXPECT_LT(struck, 48);
}

TEST_F(Faults, FlagsAreRules) {
  auto options = usual();
  options.vault_down = true;
  options.latency = std::chrono::milliseconds(40);
  options.faults = {R"({"host":"portal","kind":"502"})"};
  start(options);
  const auto answer = vault();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.mishap.value().delay.count(), 40);
  EXPECT_EQ(send("GET", "https://main.iam.ad.ext.azure.com/qos").status, 502);
}

TEST_F(Faults, MistakesInRulesAreTold) {
  for (const auto* rule : {"", "[1]", "{}", R"({"kind":"explode"})", R"({"kind":"500","hots":"vault"})",
                           R"({"kind":"500","status":99})", R"({"kind":"echo","body":"{secret:rot13}"})"}) {
    EXPECT_EQ(admin("POST", "/faults", rule).status, 400) << rule;
  }
  EXPECT_EQ(member(object_of(admin("GET", "/faults")), "faults")->get_array().size(), 0u);
  auto options = usual();
  options.faults = {"nonsense"};
  const SystemClock real;
  EXPECT_FALSE(Emulator::make(options, real, {}));
}

}  // namespace
}  // namespace portalkey::sandbox
