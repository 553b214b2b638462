#include "seeds/input/tokens_per_user.h"

#include <gtest/gtest.h>

#include <string>

namespace portalkey {
namespace {

TEST(TokensPerUser, OneMoreThanAllowedWhateverTheCase) {
  for (const auto& [most, line] : {std::pair{5, 7}, {9, 11}, {10, 0}}) {
    TokensPerUser users(static_cast<unsigned char>(most));
    for (int n = 2; n < 12; ++n) {
      EXPECT_EQ(users.add(users.hash(n % 2 == 0 ? "Adele@contoso.com" : "adele@CONTOSO.com")), line != 0 && n >= line) << n;
      EXPECT_FALSE(users.add(users.hash("alex" + std::to_string(n) + "@contoso.com"))) << n;
    }
  }
}

TEST(TokensPerUser, NothingButTheCaseOfLettersIsIgnored) {
  TokensPerUser users(5);
  const auto lower = [](int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  for (const std::size_t size : {1U, 5U, 12U, 40U}) {
    for (int a = 1; a < 256; ++a) {
      for (int b = 1; b < 256; ++b) {
        std::string one(size, 'x'), other(size, 'x');
        one[size / 2] = static_cast<char>(a);
        other[size / 2] = static_cast<char>(b);
        ASSERT_EQ(users.hash(one) == users.hash(other), lower(a) == lower(b)) << size << " characters: " << a << ", " << b;
      }
    }
  }
}

TEST(TokensPerUser, AmongManyUsers) {
  for (const std::size_t expected : {0, 1000, 20'000, 100'000}) {
    TokensPerUser users(5);
    users.expect(expected);
    constexpr int kUsers = 20'000;
    std::vector<int> over;
    for (int round = 0; round < 300; ++round) {  // far more than a byte counts
      for (int i = 0; i < kUsers; ++i) {
        if (round >= 5 && i != 77 && i != 19'999) continue;
        if (users.add(users.hash("user" + std::to_string(i) + "@contoso.com"))) over.push_back(round * kUsers + i);
      }
    }
    ASSERT_EQ(over.size(), 2 * (300U - 5U));
    EXPECT_EQ(over[0], 5 * kUsers + 77);
    EXPECT_EQ(over[1], 5 * kUsers + 19'999);
    EXPECT_EQ(over.back(), 299 * kUsers + 19'999);
  }
}

}  // namespace
}  // namespace portalkey
