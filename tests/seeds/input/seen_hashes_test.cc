#include "seeds/input/seen_hashes.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>
#include <vector>

namespace portalkey {
namespace {

using Seen = SeenHashes<6, 3>;
constexpr int kFirstStoredBit = 64 - Seen::kLogBits - 6 * 8;

std::uint64_t data_at(const unsigned char* there) { return there[0] | there[1] << 8 | there[2] << 16; }

void add_twice(Seen& seen, const std::vector<std::uint64_t>& hashes) {
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    ASSERT_EQ(seen.find_or_add(hashes[i], i), nullptr) << i;
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const unsigned char* const there = seen.find_or_add(hashes[i], i + 1);
    ASSERT_NE(there, nullptr) << i;
    EXPECT_EQ(data_at(there), i);
  }
}

TEST(SeenHashes, FindsAllWhatsoeverWasExpected) {
  constexpr std::size_t kHashes = 200'000;
  for (const std::size_t expected : {std::size_t{0}, std::size_t{1000}, kHashes / 2, kHashes, 2 * kHashes}) {
    std::mt19937_64 random(expected);
    std::vector<std::uint64_t> hashes(kHashes);
    for (auto& hash : hashes) hash = random();
    Seen seen;
    seen.expect(expected);
    add_twice(seen, hashes);
  }
}

// As many as one likes in one log and one block of the filter, where no key of an attacker's choice should be.
TEST(SeenHashes, FindsHashesThatDifferInTheLastBitsOnly) {
  for (const std::uint64_t base : {std::uint64_t{0}, ~std::uint64_t{0} << 24, std::uint64_t{1} << 53}) {
    for (const std::size_t expected : {0, 300'000}) {
      Seen seen;
      seen.expect(expected);
      std::vector<std::uint64_t> hashes;
      for (std::uint64_t i = 0; i < 1000; ++i) hashes.push_back(base + (i << kFirstStoredBit));
      std::ranges::shuffle(hashes, std::mt19937_64(1));
      add_twice(seen, hashes);
    }
  }
}

// Often enough for logs to be sorted again and again.
TEST(SeenHashes, FindsWhatComesAgainAmongNewOnes) {
  for (const std::size_t expected : {0, 100'000}) {
    for (const unsigned new_of_16 : {1, 8, 15}) {
      std::mt19937_64 random(new_of_16);
      std::vector<std::uint64_t> hashes;
      std::unordered_map<std::uint64_t, std::uint64_t> data;
      Seen seen;
      seen.expect(expected);
      for (std::uint64_t i = 0; i < 200'000; ++i) {
        const bool is_new = hashes.empty() || random() % 16 < new_of_16;
        const std::uint64_t hash = is_new ? random() >> kFirstStoredBit << kFirstStoredBit : hashes[random() % hashes.size()];
        unsigned char* const there = seen.find_or_add(hash, i);
        if (is_new) {
          ASSERT_EQ(there, nullptr) << i;
          hashes.push_back(hash);
          data[hash] = i;
        } else {
          ASSERT_NE(there, nullptr) << i;
          ASSERT_EQ(data_at(there), data[hash]) << i;
          *there ^= 1;
          data[hash] ^= 1;
        }
      }
    }
  }
}

TEST(SeenHashes, WhatIsExpectedLateIsNoMatter) {
  Seen seen;
  EXPECT_EQ(seen.find_or_add(std::uint64_t{42} << kFirstStoredBit, 7), nullptr);
  seen.expect(1'000'000);
  unsigned char* const there = seen.find_or_add(std::uint64_t{42} << kFirstStoredBit, 8);
  ASSERT_NE(there, nullptr);
  EXPECT_EQ(data_at(there), 7U);
}

TEST(SeenHashes, DataMayBeChangedInPlace) {
  constexpr std::uint64_t kHash = std::uint64_t{42} << kFirstStoredBit;
  Seen seen;
  seen.find_or_add(kHash, 0x30201);
  *seen.find_or_add(kHash, 0) = 9;
  EXPECT_EQ(*seen.find_or_add(kHash, 0), 9);
}

}  // namespace
}  // namespace portalkey
