#include "seeds/formats/csv/yubico_csv.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kHotp =
    "OATH-HOTP,10.10.19 10:42,1,,,3132333435363738393031323334353637383930,,,0,0,0,8,0,0,0,0,0,0\n";

TEST(YubicoCsv, RowsThatAreNotOathAreRefusedByLineAndKind) {
  const auto reading =
      read_text("LOGGING START,14.02.17 18:00\n" + std::string(kHotp) +
                "Static Password: Scan Code,11.12.13 19:08,1,,d5a3,0e8e37b0e38b314a56748c030f58d21d,,,0,0,0,0\n"
                "challenge-response,11.12.13 19:08,1,,,0e8e37b0e38b314a56748c030f58d21d,,,0,0,0,0\n"
                "508328,cccccccccccc,83cebdfb7b93,a47c5bf9c152202f577be6721c0113af,,2013-12-12T08:43:17,\n"
                "508329,,0,3132333435363738393031323334353637383930,,2013-12-12T08:43:17,\n"
                "CANARYCANARYCANARY\n");
  ASSERT_TRUE(reading.summary);
  ASSERT_EQ(reading.tokens.size(), 2U) << reading.said();
  EXPECT_EQ(reading.tokens[0].digits, 8);
  EXPECT_EQ(reading.tokens[0].type, OtpType::hotp);
  EXPECT_EQ(reading.tokens[1].serial, "508329");
  ASSERT_EQ(reading.problems.size(), 4U);
  EXPECT_EQ(reading.problems[0].what, "Static Password is not OATH");
  EXPECT_EQ(reading.problems[1].what, "Challenge-response is not OATH");
  EXPECT_EQ(reading.problems[2].what, "Yubico OTP is not OATH");
  EXPECT_EQ(reading.problems[2].serial, "508328");
  EXPECT_EQ(reading.problems[3].line, 7);
  EXPECT_EQ(reading.said().find("CANARY"), std::string::npos);
}

TEST(YubicoCsv, BadRows) {
  const struct {
    std::string_view row, field;
  } cases[] = {{"OATH-HOTP,10.10.19 10:42,1,,,31", "row"},
               {"OATH-HOTP,10.10.19 10:42,1,,,31x2,,,0,0,0,6,0", "secret key"},
               {"OATH-HOTP,10.10.19 10:42,1,,,3132,,,0,0,0,99,0", "digits"}};
  for (const auto& c : cases) {
    const auto reading = read_text(std::string(kHotp) + std::string(c.row) + "\n");
    ASSERT_EQ(reading.problems.size(), 1U) << c.row;
    EXPECT_EQ(reading.problems[0].field, c.field);
    EXPECT_EQ(reading.problems[0].line, 2);
  }
}

TEST(YubicoCsv, WithoutAnyOathRowTheFileIsRefused) {
  const auto reading = read_text("LOGGING START,14.02.17 18:00\nYubico OTP,14.02.17 18:00,1,,,f50229a0,,,0\n");
  ASSERT_FALSE(reading.summary);
  EXPECT_NE(reading.summary.error().what.find("no OATH row"), std::string::npos);
}

}  // namespace
}  // namespace portalkey
