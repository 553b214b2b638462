#include "otp/base32.h"

#include <gtest/gtest.h>

#include "tests/vectors.h"

namespace portalkey::base32_test {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = decode_base32(text);
  return bytes ? text_of(*bytes) : "refused";
}

TEST(Base32, Rfc4648Vectors) {
  const auto rows = vectors("rfc4648-base32.csv");
  ASSERT_EQ(rows.size(), 7U);
  for (const auto& row : rows) {
    EXPECT_EQ(decoded(row[1]), row[0]);
    EXPECT_EQ(text_of(encode_base32(row[0])), row[1].substr(0, row[1].find('=')));
  }
}

TEST(Base32, HexPairs) {
  const auto rows = vectors("hex-base32-pairs.csv");
  ASSERT_FALSE(rows.empty());
  for (const auto& row : rows) {
    EXPECT_EQ(text_of(encode_base32(from_hex(row[0]))), row[1]);
    EXPECT_EQ(decoded(row[1]), from_hex(row[0]));
  }
}

TEST(Base32, LowerCaseAndLeftOverBitsAsInMicrosoftsExample) {
  EXPECT_EQ(decoded("2234567abcdef2234567abcdef"), from_hex("d6b7cefbe0088642eb5be77df0044321"));
}

TEST(Base32, NamesTheIllegalCharacterAndItsPosition) {
  const auto answer = decode_base32("GEZD0NBV");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Base32Error::Kind::illegal_character);
  EXPECT_EQ(answer.error().position, 4U);
  EXPECT_EQ(answer.error().character, '0');
}

TEST(Base32, LengthsThatCannotOccur) {
  for (const std::size_t n : {1U, 3U, 6U, 9U, 11U, 14U, 27U}) {
    const auto answer = decode_base32(std::string(n, 'A'));
    ASSERT_FALSE(answer) << n;
    EXPECT_EQ(answer.error().kind, Base32Error::Kind::impossible_length) << n;
  }
}

TEST(Base32, PaddingOnlyAtTheEnd) {
  EXPECT_EQ(decoded("MY======"), "f");
  EXPECT_EQ(decoded("MY=A===="), "refused");
  EXPECT_EQ(decoded("MY======="), "refused");
}

TEST(Base32, EveryByteStringComesBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decoded(text_of(encode_base32(bytes))), bytes);
    bytes += static_cast<char>(i * 37 + 11);
  }
}

}  // namespace
}  // namespace portalkey::base32_test
