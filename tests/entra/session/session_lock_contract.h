#pragma once
// What every lock of a session promises: one rotation at a time, whichever process or node does it. A kind of lock to be tested
// is a type with
//
//   auto take(std::chrono::milliseconds patience, std::stop_token);  a Result of what holds the lock until it is destroyed
//   void die_holding();                                              somebody takes it and dies
//   ManualClock clock;

#include <gtest/gtest.h>

#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/error.h"

namespace portalkey {

template <class Kind>
class SessionLockContract : public testing::Test {
 protected:
  Kind kind_;
};

TYPED_TEST_SUITE_P(SessionLockContract);

TYPED_TEST_P(SessionLockContract, OneHoldsItAtATime) {
  using namespace std::chrono_literals;
  auto first = this->kind_.take(0ms, {});
  ASSERT_TRUE(first) << first.error().what;
  const auto second = this->kind_.take(0ms, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_FALSE(second.error().remedy.empty());
}

TYPED_TEST_P(SessionLockContract, WhoLetsGoLetsTheNextIn) {
  using namespace std::chrono_literals;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(this->kind_.take(0ms, {})) << i;
}

TYPED_TEST_P(SessionLockContract, ItIsWaitedForAsLongAsWasSaid) {
  using namespace std::chrono_literals;
  auto first = this->kind_.take(0ms, {});
  ASSERT_TRUE(first);
  const auto begun = this->kind_.clock.steady_now();
  EXPECT_FALSE(this->kind_.take(2s, {}));
  EXPECT_GE(this->kind_.clock.steady_now() - begun, 2s);
  EXPECT_LT(this->kind_.clock.steady_now() - begun, 4s);
}

TYPED_TEST_P(SessionLockContract, AWaitCanBeBrokenOff) {
  using namespace std::chrono_literals;
  auto first = this->kind_.take(0ms, {});
  ASSERT_TRUE(first);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(this->kind_.take(1h, stop.get_token()).error().code, Errc::cancelled);
}

TYPED_TEST_P(SessionLockContract, TheDeadHoldNothing) {
  using namespace std::chrono_literals;
  this->kind_.die_holding();
  EXPECT_TRUE(this->kind_.take(0ms, {}));
}

REGISTER_TYPED_TEST_SUITE_P(SessionLockContract, OneHoldsItAtATime, WhoLetsGoLetsTheNextIn, ItIsWaitedForAsLongAsWasSaid,
                            AWaitCanBeBrokenOff, TheDeadHoldNothing);

}  // namespace portalkey
