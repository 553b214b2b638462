#include "base/in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace portalkey {
namespace {

TEST(InOrder, EverythingOnceAndInOrder) {
  for (const unsigned helpers : {0U, 1U, 3U}) {
    for (const std::size_t count : {0, 1, 2, 5, 1000}) {
      std::vector<std::size_t> slots(4);
      std::vector<std::atomic<int>> produced(count);
      std::vector<std::size_t> consumed;
      in_order(
          std::span(slots), count, helpers,
          [&](std::size_t k, std::size_t& slot) {
            slot = k * k;
            ++produced[k];
          },
          [&](std::size_t k, std::size_t& slot) {
            EXPECT_EQ(slot, k * k);
            consumed.push_back(k);
            return true;
          });
      std::vector<std::size_t> all(count);
      std::iota(all.begin(), all.end(), std::size_t{0});
      EXPECT_EQ(consumed, all);
      for (const auto& times : produced) EXPECT_EQ(times, 1);
    }
  }
}

TEST(InOrder, NoFurtherAheadThanThereAreSlots) {
  std::vector<int> slots(3);
  std::atomic<std::size_t> consumed = 0;
  in_order(
      std::span(slots), 200, 2, [&](std::size_t k, int&) { EXPECT_LT(k, consumed + 3); },
      [&](std::size_t k, int&) {
        consumed = k + 1;
        return true;
      });
  EXPECT_EQ(consumed, 200);
}

TEST(InOrder, StopsWhenToldTo) {
  std::vector<int> slots(4);
  std::atomic<int> produced = 0;
  std::size_t last = 0;
  in_order(
      std::span(slots), 1'000'000, 2, [&](std::size_t, int&) { ++produced; },
      [&](std::size_t k, int&) {
        last = k;
        return k < 10;
      });
  EXPECT_EQ(last, 10);
  EXPECT_LE(produced, 14);
}

TEST(InOrder, AnExceptionComesWhenItsTurnComes) {
  std::vector<int> slots(4);
  std::size_t consumed = 0;
  const auto run = [&] {
    in_order(
        std::span(slots), 100, 2,
        [&](std::size_t k, int&) {
          if (k >= 7) throw std::runtime_error("seven");
        },
        [&](std::size_t, int&) {
          ++consumed;
          return true;
        });
  };
  EXPECT_THROW(run(), std::runtime_error);
  EXPECT_EQ(consumed, 7);
}

}  // namespace
}  // namespace portalkey
