#include "jobs/activation_pace.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

using namespace std::chrono_literals;

TEST(ActivationPace, NeverMoreThanTheLimitInAnyWindow) {
  ActivationPace pace({.count = 3, .window = 10s});
  SteadyTime now{};
  std::vector<SteadyTime> sent;
  for (int i = 0; i < 20; ++i) {
    now += pace.wait(now);
    pace.sent(now);
    sent.push_back(now);
    now += 700ms;
  }
  for (std::size_t i = 3; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 3], 10s) << i;
  EXPECT_EQ(sent[2] - sent[0], 1400ms) << "the first window is used at once";
}

TEST(ActivationPace, TheLeastTimeCountsWindows) {
  ActivationPace pace({.count = 200, .window = 300s});
  EXPECT_EQ(pace.least_time(200, SteadyTime{}), 0s);
  EXPECT_EQ(pace.least_time(201, SteadyTime{}), 300s);
  EXPECT_EQ(pace.least_time(10'000, SteadyTime{}), 49 * 300s) << "ten thousand tokens take over four hours";
  for (int i = 0; i < 200; ++i) pace.sent(SteadyTime{});
  EXPECT_EQ(pace.least_time(1, SteadyTime{} + 100s), 200s);
}

}  // namespace
}  // namespace portalkey
