// SeedFileOptions::time_interval: for files that do not say it, whatever their format.
#include <gtest/gtest.h>

#include <string>

#include "reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kNote = "the time interval of 2 tokens is 60 seconds, as --time-interval says";

Reading read_with_interval(std::string_view text) {
  Reading reading;
  MemorySource source(text);
  reading.summary = read_seeds(source, {.time_interval = 60}, reading);
  return reading;
}

void expect_two_of_60(std::string_view text) {
  const auto reading = read_with_interval(text);
  ASSERT_TRUE(reading.summary) << reading.summary.error().what;
  ASSERT_EQ(reading.tokens.size(), 2U) << text << reading.said();
  for (const auto& token : reading.tokens) {
    EXPECT_EQ(token.type, OtpType::totp) << text;
    EXPECT_EQ(token.step, 60) << text;
    EXPECT_TRUE(token.hash == Hash::sha1 && token.digits == 6) << text;
  }
  EXPECT_NE(std::ranges::find(reading.summary->notes, kNote), reading.summary->notes.end()) << text;
}

const std::string kBase32 = std::string(kKey), kOther = "KBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const std::string kHexRows =
    "1000001,3132333435363738393031323334353637383930\n1000002,3132333435363738393031323334353637383931\n";

TEST(TimeInterval, OfTokensWhoseFileDoesNotSayIt) {
  expect_two_of_60("serial,seed\n1000001," + kBase32 + "\n1000002," + kOther + "\n");
  expect_two_of_60("1000001," + kBase32 + "\n1000002," + kOther + "\n");
  expect_two_of_60(std::string(kHeader) + ",1000001," + kBase32 + ",,,\n,1000002," + kOther + ",,,\n");
  expect_two_of_60(kHexRows);
  expect_two_of_60(
      "1000001,3132333435363738393031323334353637383930,totp\n1000002,3132333435363738393031323334353637383931,TOTP,6\n");
  expect_two_of_60(R"([{"serialNumber":"1","secretKey":")" + kBase32 + R"("},{"serialNumber":"2","secretKey":")" + kOther +
                   R"("}])");
  expect_two_of_60(
      "<Tokens><Token "
      "serial=\"1\"><Applications><Application><Seed>3132333435363738393031323334353637383930</Seed></Application>"
      "</Applications></Token><Token "
      "serial=\"2\"><Applications><Application><Seed>3132333435363738393031323334353637383931</Seed>"
      "</Application></Applications></Token></Tokens>");
  std::string pskc = "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">";
  for (const std::string serial : {"1", "2"}) {
    pskc += "<KeyPackage><DeviceInfo><SerialNo>" + serial + "</SerialNo></DeviceInfo><Key Id=\"" + serial +
            "\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"><AlgorithmParameters><ResponseFormat Length=\"6\" "
            "Encoding=\"DECIMAL\"/></AlgorithmParameters><Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>"
            "</Secret></Data></Key></KeyPackage>";
  }
  expect_two_of_60(pskc + "</KeyContainer>");
}

TEST(TimeInterval, WhatTheFileSaysCountsMore) {
  for (const std::string& text : {std::string(kHeader) + ",1000001," + kBase32 + ",30,,\n",
                                  std::string("1000001,3132333435363738393031323334353637383930,totp,6,30\n"),
                                  "otpauth://totp/a?secret=" + kBase32 + "&serial=1\n"}) {
    const auto reading = read_with_interval(text);
    ASSERT_EQ(reading.tokens.size(), 1U) << text << reading.said();
    EXPECT_EQ(reading.tokens[0].step, 30) << text;
  }
  const auto events = read_with_interval(
      "<Tokens><Token serial=\"1\"><Applications><Application><Seed>3132333435363738393031323334353637383930</Seed>"
      "<MovingFactor>1</MovingFactor></Application></Applications></Token></Tokens>");
  ASSERT_EQ(events.tokens.size(), 1U);
  EXPECT_EQ(events.tokens[0].type, OtpType::hotp);
}

TEST(TimeInterval, WithoutItTheErrorNamesTheOption) {
  for (const std::string& text :
       {"serial,seed\n1000001," + kBase32 + "\n", "1000001," + kBase32 + "\n1000002," + kOther + "\n"}) {
    const auto reading = read_text(text);
    ASSERT_FALSE(reading.summary);
    EXPECT_NE(reading.summary.error().remedy.find("--time-interval 30 or 60"), std::string::npos)
        << reading.summary.error().remedy;
  }
  EXPECT_NE(read_text(kHexRows).summary->notes.at(0).find("--time-interval"), std::string::npos);
}

}  // namespace
}  // namespace portalkey
