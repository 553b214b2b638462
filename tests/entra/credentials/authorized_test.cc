#include "entra/credentials/authorized.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "tests/scripted_http.h"

namespace portalkey::authorized_test {
namespace {

using namespace std::chrono_literals;

class Fake final : public Credential {
 public:
  Result<Secret> access_token(const std::string& resource, const Deadline&) override { return Secret("first for " + resource); }
  Result<Secret> answer_challenge(const std::string& resource, const Secret& refused, const std::string& claims,
                                  const Deadline&) override {
    demanded = claims;
    if (fails) return fail(Errc::needs_person, "somebody must sign in");
    return refused.reveal([&](std::string_view token) { return Secret("not " + std::string(token) + " for " + resource); });
  }
  std::string description() const override { return "fake"; }
  std::string demanded;
  bool fails = false;
};

struct World {
  ManualClock clock{from_unix_seconds(0)};
  ScriptedHttp http;
  Fake credential;
  Result<Response> send() {
    Request request;
    request.method = "PUT";
    request.url = Url("https://management.azure.com/x");
    request.headers = {{"Content-Type", "application/json"}};
    request.body = {Secret("{}"), {}};
    return send_authorized(http, credential, "arm", std::move(request), Deadline::in(1min, clock));
  }
};

const std::string kClaims = R"({"access_token":{"nbf":{"essential":true,"value":"1"}}})";

std::multimap<std::string, std::string> challenge() {
  return {{"www-authenticate", R"(Bearer error="insufficient_claims", claims=")" + base64(kClaims) + "\""}};
}

TEST(Authorized, SendsTheTokenOfTheResource) {
  World world;
  world.http.answer(201, "");
  EXPECT_EQ(world.send()->status, 201);
  EXPECT_EQ(world.http.sent[0].bearer, "first for arm");
}

TEST(Authorized, AnswersAChallengeAndRepeatsTheSameRequestOnce) {
  World world;
  world.http.answer(401, "", challenge()).answer(200, "");
  EXPECT_EQ(world.send()->status, 200);
  EXPECT_EQ(world.credential.demanded, kClaims);
  ASSERT_EQ(world.http.sent.size(), 2u);
  EXPECT_EQ(world.http.sent[1].bearer, "not first for arm for arm");
  EXPECT_EQ(world.http.sent[1].method, "PUT");
  EXPECT_EQ(world.http.sent[1].body, "{}");
  EXPECT_EQ(world.http.sent[1].headers, world.http.sent[0].headers);
}

TEST(Authorized, ASecondChallengeIsTheAnswer) {
  World world;
  world.http.answer(401, "", challenge()).answer(401, "", challenge());
  EXPECT_EQ(world.send()->status, 401);
}

TEST(Authorized, AnyOther401IsTheAnswer) {
  World world;
  world.http.answer(401, "", {{"www-authenticate", "Bearer error=\"invalid_token\""}});
  EXPECT_EQ(world.send()->status, 401);
}

TEST(Authorized, WhatOnlyAPersonCanSatisfyIsTheCredentialsError) {
  World world;
  world.credential.fails = true;
  world.http.answer(401, "", challenge());
  auto response = world.send();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::needs_person);
}

TEST(Authorized, TheDecoratorAnswersForRequestsThatBringTheirToken) {
  World world;
  world.http.answer(401, "", challenge()).answer(200, "");
  auto http = make_challenge_answering(world.http, world.credential, "vault");
  Request request;
  request.url = Url("https://x.vault.azure.net/secrets");
  request.bearer = Secret("mine");
  EXPECT_EQ(http->send(request, Deadline::in(1min, world.clock))->status, 200);
  EXPECT_EQ(world.http.sent[1].bearer, "not mine for vault");
}

}  // namespace
}  // namespace portalkey::authorized_test
