#include "http/server_clock.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace portalkey::server_clock_test {
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

TEST(ServerClock, AnAbsurdDateIsADisagreementAndNeverTheTime) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  const WallTime absurd[] = {from_unix_seconds(0),        from_unix_seconds(-5),   local.now() - 25h,
                             local.now() + 25h,           local.now() + 365 * 24h, from_unix_seconds(4'000'000'000),
                             from_unix_seconds(INT64_MAX)};
  for (const WallTime server : absurd) {
    ServerClock fresh(local);
    fresh.observe(answer_at(server, local.now(), 5ms));
    EXPECT_FALSE(fresh.known());
    EXPECT_EQ(fresh.now(), local.now());
    ASSERT_TRUE(fresh.disagreement()) << iso_time(server);
    const Error error = fresh.disagreement()->error();
    EXPECT_NE(error.what.find(iso_time(server)), std::string::npos) << error.what;
    EXPECT_NE(error.what.find(iso_time(local.now())), std::string::npos) << error.what;

    ServerClock learnt(local);
    learnt.observe(answer_at(local.now() + 10s, local.now(), 5ms));
    learnt.observe(answer_at(server, local.now(), 5ms));
    EXPECT_TRUE(learnt.disagreement());
    EXPECT_LT(std::chrono::abs(learnt.offset() - 10s), 1s) << "what was learnt before was lost";
    learnt.observe(answer_at(local.now() + 10s, local.now(), 5ms));
    EXPECT_FALSE(learnt.disagreement());
  }
}

TEST(ServerClock, AWrongTimeZoneIsLearnt) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  for (const auto offset : {-14h, -12h, 13h, 14h, 23h}) {
    ServerClock clock(local);
    clock.observe(answer_at(local.now() + offset, local.now(), 5ms));
    EXPECT_FALSE(clock.disagreement());
    EXPECT_LT(std::chrono::abs(clock.offset() - offset), 1s);
  }
}

TEST(ServerClock, DatesThatAreNoneTellNothing) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  ServerClock clock(local);
  for (const auto* text :
       {"", "now", "-1", "1767225600", "2026-01-01T00:00:00Z", "Thu, 32 Jan 2026 00:00:00 GMT",
        "Thu, 01 Jan -2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 CET", "Thu, 01 Jan 2026 99:99:99 GMT"}) {
    Response response;
    response.headers.emplace("date", text);
    response.sent = response.received = local.now();
    clock.observe(response);
    EXPECT_FALSE(clock.known()) << text;
  }
}

TEST(ServerClock, AnAnswerWithoutDateTellsNothing) {
  ManualClock local(from_unix_seconds(1'767'225'600));
  ServerClock clock(local);
  clock.observe(Response{});
  EXPECT_FALSE(clock.known());
  EXPECT_EQ(clock.now(), local.now());
}

}  // namespace
}  // namespace portalkey::server_clock_test
