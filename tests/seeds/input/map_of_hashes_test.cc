#include "seeds/input/map_of_hashes.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace portalkey {
namespace {

TEST(MapOfHashes, FindsAllWhatsoeverWasExpected) {
  for (const std::uint64_t expected : {0, 1000, 7'000'000}) {
    MapOfHashes<6, unsigned char> seen;
    seen.expect(expected);
    EXPECT_TRUE(seen.empty());
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> hashes(100'000);
    for (auto& hash : hashes) {
      hash = random();
      EXPECT_EQ(seen.find(hash), nullptr);
      EXPECT_TRUE(seen.add(hash, static_cast<unsigned char>(hash)).is_new);
    }
    seen.expect(20'000'000);  // too late, and no matter
    for (const auto hash : hashes) {
      ASSERT_NE(seen.find(hash), nullptr);
      const auto [data, is_new] = seen.add(hash, 7);
      EXPECT_FALSE(is_new);
      EXPECT_EQ(*data, static_cast<unsigned char>(hash));
    }
  }
}

TEST(MapOfHashes, TheLowestAndTheHighestBitsTellHashesApart) {
  MapOfHashes<5, unsigned char> seen;
  EXPECT_TRUE(seen.add(0, 1).is_new);
  for (const int bit : {0, 1, 20, 39, 55, 56, 62, 63}) EXPECT_TRUE(seen.add(std::uint64_t{1} << bit, 1).is_new) << bit;
  for (const int bit : {40, 47, 48, 54}) EXPECT_FALSE(seen.add(std::uint64_t{1} << bit, 1).is_new) << bit;  // 49 in all
}

}  // namespace
}  // namespace portalkey
