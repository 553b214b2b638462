#include "seeds/input/secret_key.h"

#include <gtest/gtest.h>

#include "otp/base32.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

using Kind = SecretKeyText::Reading;

struct Answer {
  std::string kind;  // or what is wrong
  std::string text;
};

Answer answer_to(std::string_view field, SecretEncoding encoding = SecretEncoding::detect) {
  SecretKeyText key;
  const auto reading = key.read(field, encoding);
  if (!reading) return {reading.error().what, ""};
  const std::string kind = *reading == Kind::base32 ? "base32" : *reading == Kind::hex ? "hex" : "either";
  return {kind + (key.decisive() ? "!" : ""), std::string(key.text())};
}

TEST(SecretKey, WhatItIs) {
  const struct {
    std::string_view field, kind, text;
  } cases[] = {
      {"2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN", "base32!", "2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN"},
      {"4y5x llvu-l5uv q6wj", "base32!", "4Y5XLLVUL5UVQ6WJ"},
      {"MD3NLGNITTYIQY2EXIPPVFIXVQ======", "base32!", "MD3NLGNITTYIQY2EXIPPVFIXVQ"},
      {"4Y5X\xC2\xA0LLVU\xE2\x80\x8BL5UVQ6WJ", "base32!", "4Y5XLLVUL5UVQ6WJ"},
      {"2234567abcdef2234567abcdef", "base32", "2234567ABCDEF2234567ABCDEF"},  // Microsoft's example; no key has 13 bytes
      {"ABCDEF234567ABCDEF234567ABCDEF23", "either", "ABCDEF234567ABCDEF234567ABCDEF23"},
      {"abcdef234567abcdef234567abcdef23abcdef23", "either", "ABCDEF234567ABCDEF234567ABCDEF23ABCDEF23"},
      {"25b8c0d077e471543b9992a818f173bc699482fe", "hex!", "25B8C0D077E471543B9992A818F173BC699482FE"},
      {"b6 0d e7 99 a8 ac 6f 5a 85 85 ed ff", "hex!", "B60DE799A8AC6F5A8585EDFF"},
      {"b6:2d:e7:a2:a7:ac:6f:5a:55:55:ed:ff", "hex!", "B62DE7A2A7AC6F5A5555EDFF"},
      {"0xabcdef234567abcdef234567abcdef23", "hex!", "ABCDEF234567ABCDEF234567ABCDEF23"},
      {"abcdefabcdefabcdefabcdefabcdefabcdefab", "hex!", "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFAB"},  // 38: not base32
  };
  for (const auto& c : cases) {
    const auto answer = answer_to(c.field);
    EXPECT_EQ(answer.kind, c.kind) << c.field;
    EXPECT_EQ(answer.text, c.text) << c.field;
  }
}

TEST(SecretKey, WordsAreNoKey) {
  for (const auto field : {"PROVIDED SEPARATELY", "SENT BY SEPARATE MAIL", "siehe separate Datei"})
    EXPECT_NE(answer_to(field).kind.find("words"), std::string::npos) << field;
  for (const auto field : {"ABCD EFGH IJKL MNOP", "ABCD EFGH IJKL MNOP QR", "JBSWY DPEHP KPXPA BSWYX", "JBSW Y3DP EHPK3PXP"})
    EXPECT_EQ(answer_to(field).kind.find("words"), std::string::npos) << field;
}

TEST(SecretKey, AKeyThatWasEncodedTwice) {
  const auto of = [](std::string_view bytes) { return encode_base32(bytes).reveal(warning_of_key_in_key); };
  EXPECT_TRUE(of("2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN"));
  EXPECT_TRUE(of("25b8c0d077e471543b9992a818f173bc699482fe"));
  EXPECT_FALSE(of("12345678901234567890"));  // RFC 4226
  EXPECT_FALSE(of("correct horse battery"));
  EXPECT_FALSE(of("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"));
}

TEST(SecretKey, Base64OfUrls) {
  EXPECT_EQ(answer_to("-_-_-_-_-_-_-_-_-_-_-_-_-_8", SecretEncoding::base64).text,
            answer_to("+/+/+/+/+/+/+/+/+/+/+/+/+/8", SecretEncoding::base64).text);
  EXPECT_NE(answer_to("-/-_-_-_-_-_-_-_-_-_-_-_-_8", SecretEncoding::base64).kind.find("is not base64"), std::string::npos);
}

TEST(SecretKey, WhatIsWrongWithIt) {
  const struct {
    std::string_view field, says;
  } cases[] = {
      {"", "no secret key"},
      {" - ", "no secret key"},
      {"====", "no secret key"},
      {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ0JQ", "character 0 (zero) at position 30 is not base32: perhaps the letter O"},
      {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ1JQ", "character 1 (one) at position 30 is not base32: perhaps the letter I or L"},
      {"GEZDGNBVGY3TQ8JQ", "perhaps the letter B"},
      {"25b8cOd077e471543b9992a818f173bc699482fe", "character `O` at position 6 is not a hex digit: perhaps 0 (zero)"},
      {"25b8c0d077e471543b9992a818f173bc699482f", "39 hex digits"},
      {"1234567890", "10 hex digits are too few"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZ2", "27 characters cannot be base32"},
      {"GEZDGNBV*Y3TQOJQ", "character `*` at position 9 cannot be"},
      {"GEZDGNBV\xC3\x98Y3TQOJQ", "(U+00D8) at position 9"},
      {"GEZDGNBV\xD8Y3TQOJQ", "byte 0xD8 at position 9"},
      {"MY=A====", "position 3"},
  };
  for (const auto& c : cases) {
    const auto answer = answer_to(c.field);
    EXPECT_NE(answer.kind.find(c.says), std::string::npos) << c.field << ": " << answer.kind;
  }
  EXPECT_NE(answer_to(std::string(5000, 'A')).kind.find("too many"), std::string::npos);
}

TEST(SecretKey, TheOptionDecides) {
  constexpr std::string_view kBoth = "ABCDEF234567ABCDEF234567ABCDEF23";
  EXPECT_EQ(answer_to(kBoth, SecretEncoding::base32).kind, "base32");
  EXPECT_EQ(answer_to(kBoth, SecretEncoding::hex).kind, "hex");
  EXPECT_EQ(answer_to("2234567abcdef2234567abcdef", SecretEncoding::hex).kind, "hex");
  EXPECT_NE(answer_to("25b8c0d077e4", SecretEncoding::base32).kind.find("is not base32"), std::string::npos);
  EXPECT_NE(answer_to(kKey, SecretEncoding::hex).kind.find("is not a hex digit"), std::string::npos);
}

TEST(SecretKey, HexToBase32) {
  for (const auto& row : vectors("hex-base32-pairs.csv")) {
    std::string upper = row[0];
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(text_of(base32_from_hex(upper)), row[1]);
  }
}

}  // namespace
}  // namespace portalkey
