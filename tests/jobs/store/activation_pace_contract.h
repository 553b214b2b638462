#pragma once
// What every ActivationPace promises (jobs/store/activation_pace.h), as tests. A kind of pace to be tested is a type with
//
//   std::unique_ptr<ActivationPace> open(ActivationLimit);  a new one each time
//   ManualClock clock;

#include <gtest/gtest.h>

#include <vector>

#include "jobs/store/activation_pace.h"

namespace portalkey {

template <class Kind>
class ActivationPaceContract : public testing::Test {
 protected:
  Kind kind_;
};

TYPED_TEST_SUITE_P(ActivationPaceContract);

TYPED_TEST_P(ActivationPaceContract, NeverMoreThanTheLimitInAnyWindow) {
  using namespace std::chrono_literals;
  auto& clock = this->kind_.clock;
  for (const auto latency : {0ms, 300ms, 4000ms}) {
    auto pace = this->kind_.open({.count = 3, .window = 10s});
    clock.advance(1h);
    std::vector<SteadyTime> answered;
    for (int i = 0; i < 20; ++i) {
      for (;;) {
        const auto wait = pace->take();
        ASSERT_TRUE(wait) << wait.error().what;
        if (wait->count() == 0) break;
        clock.advance(*wait);
      }
      clock.advance(latency);
      ASSERT_TRUE(pace->answered());
      answered.push_back(clock.steady_now());
    }
    for (std::size_t i = 3; i < answered.size(); ++i) EXPECT_GE(answered[i] - answered[i - 3], 10s) << i;
  }
}

TYPED_TEST_P(ActivationPaceContract, TheFirstWindowIsUsedAtOnce) {
  using namespace std::chrono_literals;
  auto pace = this->kind_.open({.count = 3, .window = 10s});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pace->take()->count(), 0) << i;
  EXPECT_GT(pace->take()->count(), 0);
}

TYPED_TEST_P(ActivationPaceContract, OneInFlightCountsUntilItsAnswerAndFromThenForTheWindow) {
  using namespace std::chrono_literals;
  auto& clock = this->kind_.clock;
  auto pace = this->kind_.open({.count = 2, .window = 10s});
  EXPECT_EQ(pace->take()->count(), 0);
  EXPECT_EQ(pace->take()->count(), 0);
  EXPECT_GT(pace->take()->count(), 0);
  for (int i = 0; i < 60; ++i) {
    clock.advance(1s);
    EXPECT_GT(pace->take()->count(), 0) << "both may be counted by the service now";
  }
  ASSERT_TRUE(pace->answered());
  EXPECT_GT(pace->take()->count(), 0);
  for (int i = 0; i < 10; ++i) {
    EXPECT_GT(pace->take()->count(), 0) << i;
    clock.advance(1s);
  }
  EXPECT_EQ(pace->take()->count(), 0);
  EXPECT_GT(pace->take()->count(), 0) << "the other is still in flight";
}

TYPED_TEST_P(ActivationPaceContract, WhatItSaysToWaitIsEnough) {
  using namespace std::chrono_literals;
  auto pace = this->kind_.open({.count = 1, .window = 10s});
  EXPECT_EQ(pace->take()->count(), 0);
  ASSERT_TRUE(pace->answered());
  const auto wait = *pace->take();
  EXPECT_LE(wait, 10s);
  this->kind_.clock.advance(wait);
  EXPECT_EQ(pace->take()->count(), 0);
}

TYPED_TEST_P(ActivationPaceContract, TheLeastTimeCountsWindows) {
  using namespace std::chrono_literals;
  auto pace = this->kind_.open({.count = 200, .window = 300s});
  EXPECT_EQ(pace->limit().count, 200u);
  EXPECT_EQ(pace->least_time(0), 0s);
  EXPECT_EQ(pace->least_time(200), 0s);
  EXPECT_EQ(pace->least_time(201), 300s);
  EXPECT_EQ(pace->least_time(10'000), 49 * 300s) << "ten thousand tokens take over four hours";
}

TYPED_TEST_P(ActivationPaceContract, NoLimitIsNone) {
  using namespace std::chrono_literals;
  auto pace = this->kind_.open({.count = 0, .window = 300s});
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(pace->take()->count(), 0);
    if (i % 2 == 0) {
      ASSERT_TRUE(pace->answered());
    }
  }
  EXPECT_EQ(pace->least_time(1'000'000), 0s);
}

REGISTER_TYPED_TEST_SUITE_P(ActivationPaceContract, NeverMoreThanTheLimitInAnyWindow, TheFirstWindowIsUsedAtOnce,
                            OneInFlightCountsUntilItsAnswerAndFromThenForTheWindow, WhatItSaysToWaitIsEnough,
                            TheLeastTimeCountsWindows, NoLimitIsNone);

}  // namespace portalkey
