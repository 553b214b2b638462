#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

TEST(SafewordDat, TimeAndEventAndWhatIsWrong) {
  const std::string key = "3132333435363738393031323334353637383930";
  const auto reading = read_text(
      "dn: sccAuthenticatorId=T1\nobjectclass: sccCustomAuthenticator\nsccTokenType: eToken-PASS-TS\n"
      "sccTokenData: sccKey=" +
      key +
      ";sccMode=T;sccPwLen=6;\n sccTick=60;sccPrTime=x;\n\n"
      "dn: sccAuthenticatorId=E1\r\nsccTokenData: sccKey=" +
      key +
      ";sccMode=E;sccPwLen=8;\r\n\r\n"
      "dn: sccAuthenticatorId=ODD\nsccTokenData: sccKey=" +
      key +
      "1;sccMode=E;sccPwLen=6;\n\n"
      "dn: sccAuthenticatorId=MODE\nsccTokenData: sccKey=" +
      key +
      ";sccMode=X;sccPwLen=6;\n\n"
      "dn: sccAuthenticatorId=TICK\nsccTokenData: sccKey=" +
      key +
      ";sccMode=T;sccPwLen=6;\n\n"
      "sccTokenData: sccKey=" +
      key + ";sccMode=E;sccPwLen=6;");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->format, "safeword-dat");
  ASSERT_EQ(reading.tokens.size(), 2U);
  EXPECT_EQ(reading.tokens[0].serial, "T1");
  EXPECT_EQ(reading.tokens[0].model, "eToken-PASS-TS");
  EXPECT_EQ(reading.tokens[0].step, 60);
  EXPECT_EQ(text_of(reading.tokens[0].key()), "12345678901234567890");
  EXPECT_EQ(reading.tokens[1].type, OtpType::hotp);
  EXPECT_EQ(reading.tokens[1].digits, 8);
  EXPECT_EQ(reading.tokens[1].line, 7);
  ASSERT_EQ(reading.problems.size(), 4U);
  EXPECT_EQ(reading.problems[0].serial, "ODD");
  EXPECT_EQ(reading.problems[1].field, "type");
  EXPECT_EQ(reading.problems[2].field, "time interval");
  EXPECT_NE(reading.problems[2].what.find("there is no sccTick"), std::string::npos);
  EXPECT_EQ(reading.problems[3].field, "serial number");
  EXPECT_EQ(reading.said().find(key), std::string::npos);
}

TEST(SafewordDat, ARecordBeginsWithItsNameEvenWithoutTheBlankLine) {
  const auto reading = read_text(
      "dn: sccAuthenticatorId=A1\nsccTokenData: sccKey=00112233445566778899AABBCCDDEEFF00112233;sccMode=E;sccPwLen=6;\n"
      "dn: sccAuthenticatorId=A2\nsccTokenData: sccKey=10112233445566778899AABBCCDDEEFF00112233;sccMode=E;sccPwLen=6;\n");
  ASSERT_EQ(reading.tokens.size(), 2U) << reading.said();
  EXPECT_EQ(reading.tokens[0].serial, "A1");
  EXPECT_EQ(reading.tokens[1].serial, "A2");
}

}  // namespace
}  // namespace portalkey
