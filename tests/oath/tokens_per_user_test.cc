#include "oath/tokens_per_user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace portalkey {
namespace {

TEST(TokensPerUser, OneMoreThanAllowedWhateverTheCase) {
  for (const auto& [most, line] : {std::pair{5, 7}, {9, 11}, {10, 0}}) {
    TokensPerUser users(static_cast<unsigned char>(most));
    for (int n = 2; n < 12; ++n) {
      users.add(users.hash(n % 2 == 0 ? "Adele@contoso.com" : "adele@CONTOSO.com"), n);
      users.add(users.hash("alex" + std::to_string(n) + "@contoso.com"), n);
    }
    EXPECT_EQ(users.lines_over(), line == 0 ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{line});
  }
}

TEST(TokensPerUser, AmongManyUsers) {
  for (const std::size_t expected : {0, 1000, 20'000, 100'000}) {
    TokensPerUser users(5);
    users.expect(expected);
    EXPECT_THAT(users.lines_over(), testing::ElementsAre());
    constexpr int kUsers = 20'000;
    for (int round = 0; round < 300; ++round) {  // far more than a byte counts
      for (int i = 0; i < kUsers; ++i) {
        if (round < 5 || i == 77 || i == 19'999)
          users.add(users.hash("user" + std::to_string(i) + "@contoso.com"), round * kUsers + i);
      }
    }
    EXPECT_THAT(users.lines_over(), testing::ElementsAre(5 * kUsers + 77, 5 * kUsers + 19'999));
  }
}

}  // namespace
}  // namespace portalkey
