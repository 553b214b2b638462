// SeedFileOptions::time_interval: for files that do not say it, whatever their format.
#include <gtest/gtest.h>

#include <string>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kNote = "the time interval of 2 tokens is 60 seconds, as [[setting|time-interval]] says";

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

TEST(TimeInterval, OfTwoColumnsWithAHeaderAndSeedsInHex) {
  for (const std::string header : {"serial number,secret key\n", "serial,seed (hex)\n", "Seriennummer,seed\n"})
    expect_two_of_60(header + kHexRows);
}

std::string safenet(std::string_view more) {
  return "<Tokens><Token serial=\"1\"><Applications><Application><Seed>3132333435363738393031323334353637383930</Seed>" +
         std::string(more) + "</Application></Applications></Token></Tokens>";
}

TEST(TimeInterval, WhatTheFileSaysCountsMore) {
  for (const std::string& text :
       {std::string(kHeader) + ",1000001," + kBase32 + ",30,,\n",
        std::string("1000001,3132333435363738393031323334353637383930,totp,6,30\n"),
        std::string("1000001,3132333435363738393031323334353637383930,,6,30\n"), safenet("<TimeStep>30</TimeStep>")}) {
    const auto reading = read_with_interval(text);
    ASSERT_EQ(reading.tokens.size(), 1U) << text << reading.said();
    EXPECT_EQ(reading.tokens[0].type, OtpType::totp) << text;
    EXPECT_EQ(reading.tokens[0].step, 30) << text;
  }
  EXPECT_EQ(read_with_interval(safenet("<Algorithm>SHA256</Algorithm>")).tokens.at(0).hash, Hash::sha256);
  for (const std::string& text :
       {safenet("<MovingFactor>1</MovingFactor>"), "1000001,3132333435363738393031323334353637383930,,6,5\n" + kHexRows,
        "1000001,3132333435363738393031323334353637383930,,6,0\n" + kHexRows,
        "1000001,3132333435363738393031323334353637383930,hotp,6,30\n" + kHexRows}) {
    const auto reading = read_with_interval(text);
    ASSERT_FALSE(reading.tokens.empty()) << text << reading.said();
    EXPECT_EQ(reading.tokens[0].type, OtpType::hotp) << text;
  }
}

TEST(TimeInterval, WhatSpeaksAgainstItInOtherColumns) {
  for (const auto& [text, words] : std::initializer_list<std::pair<std::string, std::string>>{
           {"serial,seed,Step size\n1,{},60\n2,{},60\n", "column 3 seems to be the time interval"},
           {"1000001,{},60s\n1000002,{},60s\n", "column 3 seems to be the time interval"},
           {"1000001,{},60,60\n1000002,{},60,60\n", "seems to be the time interval"}}) {
    std::string file = text;
    for (const auto& key : {kBase32, kOther}) file.replace(file.find("{}"), 2, key);
    const auto reading = read_with_interval(file);
    ASSERT_FALSE(reading.summary) << file;
    EXPECT_NE(reading.summary.error().what.find(words), std::string::npos) << reading.summary.error().what;
  }
}

TEST(TimeInterval, WhatOtherColumnsSayOfSingleTokens) {
  for (const auto& [text, hotp, problems] : std::initializer_list<std::tuple<std::string, std::size_t, std::size_t>>{
           {"serial,seed,type\n1,{},TOTP\n2,{},HOTP\n", 1, 0},
           {"1000001,{},HOTP\n1000002,{},HOTP\n", 2, 0},
           {"serial,seed,remark\n1,{},event based\n2,{},\n", 0, 0},  // a remark may be about anything
           {"serial,seed,what\n1,{},event based\n2,{},\n", 1, 0},
           {"serial,seed,Counter\n1,{},0\n2,{},\n", 0, 1},
           {"serial,seed,Counter\n1,{},\n2,{},\n", 0, 0}}) {
    std::string file = text;
    for (const auto& key : {kBase32, kOther}) file.replace(file.find("{}"), 2, key);
    const auto reading = read_with_interval(file);
    ASSERT_TRUE(reading.summary) << file << reading.said();
    EXPECT_EQ(reading.problems.size(), problems) << file << reading.said();
    EXPECT_EQ(reading.tokens.size(), 2 - problems) << file;
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(reading.tokens, OtpType::hotp, &TokenSeed::type)), hotp) << file;
  }
}

TEST(TimeInterval, FormatsThatAlwaysSayItRefuseTheOption) {
  const auto reading = read_with_interval("otpauth://totp/a?secret=" + kBase32 + "&serial=1\n");
  ASSERT_FALSE(reading.summary);
  EXPECT_EQ(reading.summary.error().what, "[[setting|time-interval]] is for files that do not say it, and otpauth always does");
}

TEST(TimeInterval, ADamagedFirstRowIsNoHeader) {
  Reading reading;
  const std::string text = "700000001,2.6002E+12\n700000002," + kBase32 + "\n";
  MemorySource source(text);
  reading.summary =
      read_seeds(source, {.columns = {{Column::serial, "1"}, {Column::secret, "2"}}, .time_interval = 60}, reading);
  ASSERT_TRUE(reading.summary);
  EXPECT_EQ(reading.summary->rows, 2);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].line, 1);
}

TEST(TimeInterval, OnlyTokensAreCounted) {
  const auto reading = read_with_interval("serial,seed\n1," + kBase32 + "\n1," + kBase32 + "\n2," + kOther + "\n7,x\n");
  ASSERT_TRUE(reading.summary);
  EXPECT_EQ(reading.tokens.size(), 2U);
  EXPECT_NE(std::ranges::find(reading.summary->notes, kNote), reading.summary->notes.end());
}

TEST(TimeInterval, WithoutItTheErrorNamesTheOption) {
  for (const std::string& text :
       {"serial,seed\n1000001," + kBase32 + "\n", "1000001," + kBase32 + "\n1000002," + kOther + "\n"}) {
    const auto reading = read_text(text);
    ASSERT_FALSE(reading.summary);
    EXPECT_NE(reading.summary.error().remedy.find("[[setting|time-interval|30]] or 60"), std::string::npos)
        << reading.summary.error().remedy;
  }
  EXPECT_NE(read_text(kHexRows).summary->notes.at(0).find("[[setting|time-interval"), std::string::npos);
}

}  // namespace
}  // namespace portalkey
