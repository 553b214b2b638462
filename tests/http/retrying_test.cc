#include <gtest/gtest.h>

#include "base/time_text.h"
#include "http/chain.h"
#include "tests/scripted_http.h"

namespace portalkey::retrying_test {
namespace {

using namespace std::chrono_literals;

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp* wire = new ScriptedHttp;
  std::unique_ptr<Http> http = make_retrying(std::unique_ptr<Http>(wire), RetryRules{}, clock, random);

  Result<Response> send(Idempotency idempotency, std::chrono::milliseconds time = 10min) {
    Request request;
    request.url = Url("https://main.iam.ad.ext.azure.com/api/x");
    request.idempotency = idempotency;
    return http->send(request, Deadline::in(time, clock));
  }
  std::chrono::milliseconds waited() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now().time_since_epoch());
  }
};

TEST(RetryAfter, SecondsAndDates) {
  const auto now = from_unix_seconds(784111777);
  EXPECT_EQ(retry_after("17", now), 17s);
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), 10s);
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now), 0s) << "a date in the past means now";
  EXPECT_EQ(retry_after("-1", now), std::nullopt);
  EXPECT_EQ(retry_after("soon", now), std::nullopt);
  EXPECT_EQ(retry_after("", now), std::nullopt);
}

TEST(Retrying, ARefusedRequestIsRepeatedEvenIfNotIdempotent) {
  World world;
  world.wire->answer(429, "", {{"retry-after", "7"}}).answer(503, "", {{"retry-after", "2"}}).answer(200, "done");
  auto answer = world.send(Idempotency::no);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(world.waited(), 9s);
}

TEST(Retrying, ThrottledWithoutAHintWaitsOneTwoFourEightSixteenSeconds) {
  World world;
  for (int i = 0; i < 6; ++i) world.wire->answer(429, "");
  EXPECT_EQ(world.send(Idempotency::no)->status, 429);
  EXPECT_EQ(world.waited(), 31s);
}

TEST(Retrying, ALostAnswerIsRepeatedOnlyIfIdempotent) {
  {
    World world;
    world.wire->lose_answer().answer(500, "").answer(200, "done");
    EXPECT_EQ(world.send(Idempotency::yes)->status, 200);
  }
  {
    World world;
    world.wire->lose_answer();
    EXPECT_EQ(world.send(Idempotency::no).error().code, Errc::unavailable);
  }
  {
    World world;
    world.wire->answer(500, "");
    EXPECT_EQ(world.send(Idempotency::no)->status, 500);
  }
}

TEST(Retrying, TheLastRealAnswerComesBackWhenTimeRunsOut) {
  World world;
  world.wire->answer(429, "busy", {{"retry-after", "30"}});
  auto answer = world.send(Idempotency::yes, 10s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_LT(world.waited(), 10s);
}

TEST(Retrying, RetryAfterHoldsForTheNextRequestToTheHost) {
  World world;
  world.wire->answer(429, "", {{"retry-after", "30"}});
  EXPECT_EQ(world.send(Idempotency::yes, 10s)->status, 429);
  world.wire->answer(200, "");
  EXPECT_EQ(world.send(Idempotency::yes)->status, 200);
  EXPECT_EQ(world.waited(), 30s);
}

TEST(Retrying, GivesUpAfterSixAttempts) {
  World world;
  for (int i = 0; i < 6; ++i) world.wire->lose_answer();
  auto answer = world.send(Idempotency::yes);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().context.at(0), (std::pair<std::string, std::string>{"attempts", "6"}));
  EXPECT_LE(world.waited(), 500ms + 1s + 2s + 4s + 8s);
}

TEST(Retrying, OtherErrorsAreFinal) {
  World world;
  world.wire->answer(400, "");
  EXPECT_EQ(world.send(Idempotency::yes)->status, 400);
}

}  // namespace
}  // namespace portalkey::retrying_test
