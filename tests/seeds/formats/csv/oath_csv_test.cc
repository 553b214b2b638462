#include "seeds/formats/csv/oath_csv.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

TEST(OathCsv, DefaultsTypesAndHashes) {
  const std::string key32 = std::string(62, 'a') + "0b", key64(128, 'b');
  const auto reading =
      read_text("t1,\t3132333435363738393031323334353637383930\n#\nt2, 31323334353637383930, TOTP , 8, 60, SHA256,,\n\nt3," +
                key32 + ",totp\nt4," + key64 + ",hotp,6,7\nt5,3132,ocra,OCRA-1:HOTP-SHA1-6:QN08\n");
  ASSERT_TRUE(reading.summary);
  ASSERT_EQ(reading.tokens.size(), 5U) << reading.said();
  const auto& t = reading.tokens;
  EXPECT_EQ(t[0].type, OtpType::hotp);
  EXPECT_EQ(t[0].digits, 6);
  EXPECT_EQ(t[1].type, OtpType::totp);
  EXPECT_EQ(t[1].hash, Hash::sha256);
  EXPECT_EQ(t[1].step, 60);
  EXPECT_EQ(t[2].hash, Hash::sha256);
  EXPECT_EQ(t[2].step, 30);
  EXPECT_EQ(t[3].hash, Hash::sha512);
  ASSERT_TRUE(t[3].details);
  EXPECT_EQ(t[3].details->counter, 7);
  EXPECT_EQ(t[4].type, OtpType::ocra);
  EXPECT_NE(reading.said().find("1 keys have no type"), std::string::npos) << reading.said();
}

TEST(OathCsv, EachBadRowIsRefusedWhereItIsWrong) {
  const struct {
    std::string_view row, field, what;
    int column;
  } cases[] = {
      {"s1, 1j12, totp", "secret key", "character `j` at position 2", 0},
      {"s1, 31323, totp", "secret key", "5 hex digits", 0},
      {"s1,,totp", "secret key", "no seed", 0},
      {",3132,totp", "serial number", "no serial number", 0},
      {"s1,3132,motp,6,10", "type", "mOTP", 9},
      {"s1,3132,totp,six", "digits", "not a number", 14},
      {"s1,3132,totp,6,0", "time interval", "whole number", 16},
      {"s1,3132,hotp,6,-1", "counter", "whole number", 16},
      {"s1,3132,totp,6,30,md5", "hash", "not known", 19},
      {"1.2E+11,3132,totp", "serial number", "rounded", 1},
      {"\"s1,3132,totp", "row", "quote", 0},
  };
  for (const auto& c : cases) {
    const auto reading = read_text("s0,31323334353637383930,totp\n" + std::string(c.row) + "\n");
    ASSERT_TRUE(reading.summary);
    ASSERT_EQ(reading.problems.size(), 1U) << c.row << reading.said();
    const auto& problem = reading.problems[0];
    EXPECT_EQ(problem.line, 2);
    EXPECT_EQ(problem.row, 2);
    EXPECT_EQ(problem.field, c.field);
    EXPECT_NE(problem.what.find(c.what), std::string::npos) << problem.what;
    if (c.column != 0) EXPECT_EQ(problem.column, c.column) << c.row;
    EXPECT_FALSE(problem.remedy.empty());
  }
}

TEST(OathCsv, AStrayLineThatMayBeAKeyIsNotEchoed) {
  const auto reading =
      read_text("s0,31323334353637383930,totp\nCANARYCANARYCANARYCANARYCANARYCA\nx,CANARYCANARY,CANARYCANARY,CANARYCANARY\n");
  EXPECT_EQ(reading.problems.size(), 2U);
  EXPECT_EQ(reading.said().find("CANARY"), std::string::npos) << reading.said();
}

TEST(OathCsv, OwnersOfVersion2AreKept) {
  const auto reading = read_text("# version:2\nuser1, resolver1, realm1, tok1, 3132, hotp\n");
  ASSERT_EQ(reading.tokens.size(), 1U) << reading.said();
  EXPECT_EQ(reading.tokens[0].serial, "tok1");
  ASSERT_TRUE(reading.tokens[0].details);
  EXPECT_EQ(reading.tokens[0].details->user_id, "user1");
}

TEST(OathCsv, IsToldFromOtherDelimitedText) {
  EXPECT_TRUE(is_oath_csv("tok1, 1212\n"));
  EXPECT_TRUE(is_oath_csv("# list\r\na;Acme;TOTP;3132;6;30\r\n"));
  EXPECT_FALSE(is_oath_csv("upn,serial number,secret key,time interval,manufacturer,model\n"));
  EXPECT_FALSE(is_oath_csv("a@contoso.com,1234,abcd,30,x,y\n"));
  EXPECT_FALSE(is_oath_csv("serial,seed\n"));
  EXPECT_FALSE(is_oath_csv(""));
}

}  // namespace
}  // namespace portalkey
