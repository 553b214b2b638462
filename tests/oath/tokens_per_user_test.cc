#include "oath/tokens_per_user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace portalkey {
namespace {

TEST(TokensPerUser, OneMoreThanAllowedWhateverTheCase) {
  TokensPerUser users;
  for (int line = 2; line < 12; ++line) {
    users.add(line % 2 == 0 ? "Adele@contoso.com" : "adele@CONTOSO.com", line);
    users.add("alex" + std::to_string(line) + "@contoso.com", line);
  }
  EXPECT_THAT(users.lines_over(5), testing::ElementsAre(7));
  EXPECT_THAT(users.lines_over(9), testing::ElementsAre(11));
  EXPECT_THAT(users.lines_over(10), testing::ElementsAre());
}

TEST(TokensPerUser, AmongManyUsers) {
  TokensPerUser users;
  EXPECT_THAT(users.lines_over(5), testing::ElementsAre());
  constexpr int kUsers = 20'000;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < kUsers; ++i) {
      if (round < 5 || i == 77 || i == 19'999) users.add("user" + std::to_string(i) + "@contoso.com", round * kUsers + i);
    }
  }
  EXPECT_THAT(users.lines_over(5), testing::ElementsAre(5 * kUsers + 77, 5 * kUsers + 19'999));
}

}  // namespace
}  // namespace portalkey
