#include "jobs/store/activation_pace.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

using namespace std::chrono_literals;

TEST(ActivationPace, NeverMoreThanTheLimitInAnyWindow) {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  OwnPace pace({.count = 3, .window = 10s}, clock);
  std::vector<SteadyTime> sent;
  for (int i = 0; i < 20; ++i) {
    while (const auto wait = pace.take()->count()) clock.advance(std::chrono::milliseconds(wait));
    ASSERT_TRUE(pace.answered());
    sent.push_back(clock.steady_now());
    clock.advance(700ms);
  }
  for (std::size_t i = 3; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 3], 10s) << i;
  EXPECT_EQ(sent[2] - sent[0], 1400ms) << "the first window is used at once";
}

TEST(ActivationPace, OneInFlightCountsUntilItsAnswerAndFromThenForTheWindow) {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  OwnPace pace({.count = 2, .window = 10s}, clock);
  EXPECT_EQ(pace.take()->count(), 0);
  EXPECT_EQ(pace.take()->count(), 0);
  EXPECT_GT(pace.take()->count(), 0);
  clock.advance(60s);
  EXPECT_GT(pace.take()->count(), 0) << "both may be counted by the service now";
  ASSERT_TRUE(pace.answered());
  EXPECT_GT(pace.take()->count(), 0);
  clock.advance(10s);
  EXPECT_EQ(pace.take()->count(), 0);
}

TEST(ActivationPace, TheLeastTimeCountsWindows) {
  SlidingWindow window({.count = 200, .window = 300s});
  EXPECT_EQ(window.least_time(200, SteadyTime{}), 0s);
  EXPECT_EQ(window.least_time(201, SteadyTime{}), 300s);
  EXPECT_EQ(window.least_time(10'000, SteadyTime{}), 49 * 300s) << "ten thousand tokens take over four hours";
  for (int i = 0; i < 200; ++i) window.add(SteadyTime{});
  EXPECT_EQ(window.least_time(1, SteadyTime{} + 100s), 200s);
}

}  // namespace
}  // namespace portalkey
