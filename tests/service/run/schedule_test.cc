#include "service/run/schedule.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace portalkey::schedule_test {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, WorkComesAgainAndAFailureIsNoEnd) {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Schedule schedule(clock);
  int often = 0, seldom = 0;
  schedule.add("often", 0s, 10s, [&] {
    ++often;
    throw std::runtime_error("fails each time");
  });
  schedule.add("seldom", 60s, 3600s, [&] { ++seldom; });
  EXPECT_EQ(schedule.do_due(), clock.steady_now() + 10s);
  EXPECT_EQ(often, 1);
  EXPECT_EQ(seldom, 0);
  clock.advance(9s);
  schedule.do_due();
  EXPECT_EQ(often, 1);
  clock.advance(51s);
  schedule.do_due();
  EXPECT_EQ(often, 2);
  EXPECT_EQ(seldom, 1);
}

TEST(Schedule, ItEndsAtOnceThoughTheNextIsFar) {
  SystemClock clock;
  Schedule schedule(clock);
  schedule.add("far", 3600s, 3600s, [] {});
  schedule.start();
  schedule.stop();
}

}  // namespace
}  // namespace portalkey::schedule_test
