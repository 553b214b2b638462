#include "http/unechoed.h"

#include "base/base64.h"
#include "tests/scripted_http.h"

namespace portalkey::unechoed_test {
namespace {

constexpr const char* kKey = "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA";
constexpr const char* kBearer = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJ4In0.c2lnbmF0dXJlMTIz";

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bytes) { return std::string(bytes); });
}

Request upload() {
  Request request;
  request.method = "POST";
  request.url = Url("https://graph.microsoft.com/x");
  request.bearer = Secret(kBearer);
  request.secret_headers.emplace_back("secret", Secret("header-secret-1"));
  request.body = {Secret("{\"secretKey\":\"" + std::string(kKey) + "\"}"), secret_list(Secret(kKey))};
  return request;
}

Response answer_to(const Request& request, int status, std::string body, std::multimap<std::string, std::string> headers = {}) {
  auto wire = std::make_unique<ScriptedHttp>();
  wire->answer(status, std::move(body), std::move(headers));
  ManualClock clock(WallTime{});
  auto answer = make_unechoed(std::move(wire))->send(request, Deadline::in(std::chrono::seconds(5), clock));
  EXPECT_TRUE(answer.has_value());
  return std::move(*answer);
}

TEST(Unechoed, NoRefusalQuotesWhatWasSent) {
  for (const int status : {300, 301, 400, 401, 403, 404, 409, 429, 500, 503}) {
    for (const std::string& secret : {std::string(kKey), std::string(kBearer), std::string("header-secret-1"), base64(kKey)}) {
      const auto answer = answer_to(upload(), status, "{\"error\":{\"message\":\"the value '" + secret + "' is not valid\"}}",
                                    {{"x-ms-request-id", secret}, {"www-authenticate", "Bearer error=\"" + secret + "\""}});
      EXPECT_EQ(text(answer.body), "{\"error\":{\"message\":\"the value '***' is not valid\"}}") << status;
      EXPECT_EQ(answer.header("x-ms-request-id"), "***");
      EXPECT_TRUE(answer.header("www-authenticate").contains(secret)) << "a claims challenge is needed as it is";
    }
  }
}

TEST(Unechoed, ASuccessIsLeftAsItIs) {
  EXPECT_EQ(text(answer_to(upload(), 200, kKey).body), kKey);
  EXPECT_EQ(text(answer_to(upload(), 201, kKey).body), kKey);
}

TEST(Unechoed, WhatIsMadeLateIsHiddenToo) {
  Request request;
  request.method = "POST";
  request.url = Url("https://graph.microsoft.com/x");
  int made = 0;
  request.late_body = [&made]() -> Body {
    ++made;
    return {Secret(R"({"verificationCode":"492039"})"), secret_list(Secret("492039"))};
  };
  EXPECT_EQ(text(answer_to(request, 400, "the code 492039 is wrong").body), "the code *** is wrong");
  EXPECT_EQ(made, 1);
}

TEST(Unechoed, AnEndlessRefusalIsCut) {
  EXPECT_LE(answer_to(upload(), 400, std::string(5'000'000, 'x')).body.size(), 256U << 10);
}

TEST(FormEncode, WhatIsNotKnownToBePublicIsSecret) {
  const auto form = form_encode({{"grant_type", "refresh_token"},
                                 {"client_id", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"},
                                 {"scope", "x"},
                                 {"refresh_token", "r"},
                                 {"client_secret", "s"},
                                 {"of_tomorrow", "t"}});
  std::vector<std::string> secrets;
  for (const auto& secret : form.secrets()) secrets.push_back(text(secret));
  EXPECT_EQ(secrets, (std::vector<std::string>{"r", "s", "t"}));
}

}  // namespace
}  // namespace portalkey::unechoed_test
