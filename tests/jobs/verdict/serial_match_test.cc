#include "jobs/verdict/serial_match.h"

#include <gtest/gtest.h>

namespace portalkey::serial_match_test {
namespace {

SerialMatch match(std::string_view asked, std::vector<std::string_view> there) { return match_serial(asked, there); }

TEST(SerialMatch, TheSameTextCountsBeforeAnyOther) {
  EXPECT_EQ(match("ab12", {"AB12", "ab12"}).serial, "ab12");
  EXPECT_EQ(match("0012", {"12", "0012"}).serial, "0012");
}

TEST(SerialMatch, LetterCaseDoesNotCountWhereNothingElseFits) {
  EXPECT_EQ(match("ab12", {"AB12", "AB13"}).serial, "AB12");
  const auto two = match("ab12", {"AB12", "Ab12"});
  EXPECT_EQ(two.serial, "") << "which of them is meant is not known";
  EXPECT_EQ(two.nearly, (std::vector<std::string>{"AB12", "Ab12"}));
}

TEST(SerialMatch, WhatIsNearlyRightIsNamedAndNotTaken) {
  for (const std::string_view asked : {"1234567", "00-1234567", " 001234567", "001243567", "00123456", "0012345678", "34567"}) {
    const auto found = match(asked, {"001234567", "998877665"});
    EXPECT_EQ(found.serial, "") << asked;
    EXPECT_EQ(found.nearly, std::vector<std::string>{"001234567"}) << asked;
    EXPECT_EQ(nearly_text(found), "; it has 001234567, which differs little") << asked;
  }
  EXPECT_TRUE(match("001299999", {"001234567"}).nearly.empty());
  EXPECT_TRUE(match("12", {"13", "212"}).nearly.empty()) << "any two short ones differ little";
}

TEST(SerialMatch, AFewAreNamedAndTheOthersCounted) {
  const auto found = match("70000009", {"70000001", "70000002", "70000003", "70000004", "70000005"});
  EXPECT_EQ(found.nearly.size(), 3u);
  EXPECT_EQ(found.more, 2u);
  EXPECT_EQ(nearly_text(found), "; it has 70000001, 70000002, 70000003 and 2 more, which differ little");
  EXPECT_EQ(nearly_text(match("70000003", {"90000001"})), "");
}

TEST(SerialMatch, WhatMayBeASecretKeyIsNotNamed) {
  EXPECT_TRUE(match("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJA", {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}).nearly.empty());
}

}  // namespace
}  // namespace portalkey::serial_match_test
