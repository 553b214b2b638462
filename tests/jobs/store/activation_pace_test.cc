#include "tests/jobs/store/activation_pace_contract.h"

#include <memory>

namespace portalkey::activation_pace_test {
namespace {

using namespace std::chrono_literals;

struct Own {
  std::unique_ptr<ActivationPace> open(ActivationLimit limit) { return std::make_unique<OwnPace>(limit, clock); }
  ManualClock clock{from_unix_seconds(1'767'225'600)};
};
INSTANTIATE_TYPED_TEST_SUITE_P(Own, ActivationPaceContract, Own);

TEST(SlidingWindow, TheLeastTimeCountsWhatIsLeftOfTheFirstWindow) {
  SlidingWindow window({.count = 200, .window = 300s});
  for (int i = 0; i < 200; ++i) window.add(SteadyTime{});
  EXPECT_EQ(window.least_time(1, SteadyTime{} + 100s), 200s);
}

}  // namespace
}  // namespace portalkey::activation_pace_test
