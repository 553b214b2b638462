#include "sandbox/world/sliding_window.h"

#include <gtest/gtest.h>

namespace portalkey::sandbox {
namespace {

TEST(SlidingWindow, OpensWhenTheOldestEventLeaves) {
  SlidingWindow window(2, 10);
  EXPECT_EQ(window.wait(1000), 0);
  window.count(1000);
  window.count(4000);
  EXPECT_EQ(window.wait(5000), 6000);
  EXPECT_EQ(window.wait(10'999), 1);
  EXPECT_EQ(window.wait(11'000), 0);
}

TEST(SlidingWindow, ZeroIsNoLimit) {
  SlidingWindow window(0, 10);
  for (int i = 0; i < 1000; ++i) window.count(1);
  EXPECT_EQ(window.wait(1), 0);
}

TEST(SlidingWindow, ClockSetBackDoesNotShutItForEver) {
  SlidingWindow window(1, 10);
  window.count(1'000'000);
  EXPECT_EQ(window.wait(5), 0);
}

}  // namespace
}  // namespace portalkey::sandbox
