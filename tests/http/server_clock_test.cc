#include "http/server_clock.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace portalkey {
namespace {

using namespace std::chrono_literals;

/// An answer made at server time `server` (truncated to seconds in its Date), exchanged around local time `local`.
Response answer_at(WallTime server, WallTime local, std::chrono::milliseconds one_way) {
  Response response;
  response.headers.emplace("date", http_date(server));
  response.sent = local - one_way;
  response.received = local + one_way;
  return response;
}

TEST(ServerClock, AFewAnswersTellTheOffsetMuchFinerThanASecond) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  ServerClock clock(local);
  const auto offset = 5min + 370ms;
  EXPECT_FALSE(clock.known());
  for (int i = 0; i < 20; ++i) {
    clock.observe(answer_at(local.now() + offset, local.now(), 20ms));
    local.advance(137ms);
  }
  ASSERT_TRUE(clock.known());
  EXPECT_LT(std::chrono::abs(clock.offset() - offset), 120ms);
}

TEST(ServerClock, OneAnswerIsWithinASecond) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  ServerClock clock(local);
  clock.observe(answer_at(local.now() - 1h + 999ms, local.now(), 5ms));
  EXPECT_LT(std::chrono::abs(clock.offset() - (-1h + 999ms)), 1s);
}

TEST(ServerClock, AClockThatWasSetMeanwhileIsLearntAnew) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  ServerClock clock(local);
  clock.observe(answer_at(local.now(), local.now(), 5ms));
  clock.observe(answer_at(local.now() + 1h, local.now(), 5ms));
  EXPECT_LT(std::chrono::abs(clock.offset() - 1h), 1s);
}

TEST(ServerClock, AnAnswerWithoutDateTellsNothing) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  ServerClock clock(local);
  clock.observe(Response{});
  EXPECT_FALSE(clock.known());
  EXPECT_EQ(clock.now(), local.now());
}

}  // namespace
}  // namespace portalkey
