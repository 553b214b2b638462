#include "oath/packed_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace portalkey {
namespace {

using Table = PackedTable<6, 3>;

Table::Data data_of(std::size_t n) {
  return {static_cast<unsigned char>(n), static_cast<unsigned char>(n >> 8), static_cast<unsigned char>(n >> 16)};
}

void add_twice(Table& table, const std::vector<std::uint64_t>& hashes) {
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    table.prefetch(hashes[i]);
    ASSERT_EQ(table.find_or_add(hashes[i], data_of(i)), nullptr) << i;
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const unsigned char* const there = table.find_or_add(hashes[i], data_of(i + 1));
    ASSERT_NE(there, nullptr) << i;
    const auto expected = data_of(i);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), there)) << i;
  }
}

TEST(PackedTable, FindsAllWhatsoeverWasExpected) {
  constexpr std::size_t kHashes = 200'000;
  for (const std::size_t expected : {std::size_t{0}, std::size_t{1000}, kHashes / 2, kHashes, 2 * kHashes}) {
    std::mt19937_64 random(expected);
    std::vector<std::uint64_t> hashes(kHashes);
    for (auto& hash : hashes) hash = random();
    Table table;
    table.expect(expected);
    add_twice(table, hashes);
  }
}

// Several near to each other, at either end of a segment.
TEST(PackedTable, CrowdedKeys) {
  for (const std::uint64_t base : {std::uint64_t{0}, ~std::uint64_t{0} << 24, std::uint64_t{1} << 53}) {
    for (const std::size_t expected : {0, 300'000}) {
      Table table;
      table.expect(expected);
      std::vector<std::uint64_t> hashes;
      for (std::uint64_t i = 1; i < 15; ++i) hashes.push_back(base + (i << 6));
      std::ranges::shuffle(hashes, std::mt19937_64(1));
      add_twice(table, hashes);
    }
  }
}

TEST(PackedTable, DoesNotGrowWithoutBoundForWhatIsNoHash) {
  Table table;
  EXPECT_THROW(for (std::uint64_t i = 1; i < 3000; ++i) table.find_or_add(~std::uint64_t{0} - (i << 6), {}), std::length_error);
}

TEST(PackedTable, DataMayBeChangedInPlace) {
  Table table;
  table.find_or_add(42, {1, 2, 3});
  *table.find_or_add(42, {}) = 9;
  EXPECT_EQ(*table.find_or_add(42, {}), 9);
}

}  // namespace
}  // namespace portalkey
