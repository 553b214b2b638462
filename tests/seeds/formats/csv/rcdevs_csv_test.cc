#include "seeds/formats/csv/rcdevs_csv.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kInventory = "# made\nType,Reference,Description,Data\n";

TEST(RcdevsCsv, ValuesAreBase64AndTheKeyIsHex) {
  const auto reading = read_text(std::string(kInventory) +
                                 "\"OTP Token\", \"0123\", \"c202\", \"TokenKey=3132333435363738393031323334353637383930,"
                                 "TokenType=VE9UUA==,TokenState=MA==,OTPLength=OA==,TOTPTimeStep=NjA=\"\n"
                                 "OTP Token,0124,,\"TokenKey=3132,TokenType=SE9UUA==,TokenState=MTI=,OTPLength=Ng==\"\n");
  ASSERT_TRUE(reading.summary);
  ASSERT_EQ(reading.tokens.size(), 2U) << reading.said();
  EXPECT_EQ(reading.tokens[0].serial, "0123");
  EXPECT_EQ(reading.tokens[0].model, "c202");
  EXPECT_EQ(reading.tokens[0].digits, 8);
  EXPECT_EQ(reading.tokens[0].step, 60);
  EXPECT_EQ(reading.tokens[1].type, OtpType::hotp);
  EXPECT_EQ(reading.tokens[1].details->counter, 12);
}

TEST(RcdevsCsv, BadRows) {
  const struct {
    std::string_view row, field;
  } cases[] = {{"Door Key,1,x,y", "Type"},
               {"OTP Token,1,x", "row"},
               {"OTP Token,,x,TokenKey=3132", "serial number"},
               {"OTP Token,1,x,TokenKey=3132", "TokenType"},
               {"OTP Token,1,x,\"TokenKey=31x2,TokenType=VE9UUA==\"", "secret key"},
               {"OTP Token,1,x,\"TokenKey=3132,TokenType=VE9UUA==\"", "digits"},
               {"OTP Token,1,x,\"TokenKey=3132,TokenType=VE9UUA==,OTPLength=Ng==,TOTPTimeStep=MA==\"", "time interval"}};
  for (const auto& c : cases) {
    const auto reading = read_text(std::string(kInventory) + std::string(c.row) + "\n");
    ASSERT_EQ(reading.problems.size(), 1U) << c.row << reading.said();
    EXPECT_EQ(reading.problems[0].field, c.field);
    EXPECT_EQ(reading.problems[0].line, 3);
  }
}

}  // namespace
}  // namespace portalkey
