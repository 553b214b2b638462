#include "seeds/formats/otpauth/otpauth_list.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

/// A protobuf field: a varint, or bytes.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) { return varint(static_cast<std::uint64_t>(field) << 3) + varint(value); }
std::string bytes(int field, std::string_view value) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(value.size()) + std::string(value);
}
std::string key(std::string_view name, std::string_view more = {}) {
  return bytes(1, bytes(1, "12345678901234567890") + bytes(2, name) + number(6, 2) + std::string(more));
}
std::string uri(std::string_view payload) { return "otpauth-migration://offline?data=" + percent_encode(base64(payload)); }
std::string part(int of, int index, std::string_view name) {
  return uri(key(name) + number(2, 1) + number(3, static_cast<std::uint64_t>(of)) +
             number(4, static_cast<std::uint64_t>(index)) + number(5, static_cast<std::uint64_t>(-77)));
}

TEST(OtpauthList, UrisAmongOtherText) {
  const auto reading = read_text(
      "# comment otpauth://totp/x?secret=GEZDGNBV\r\n"
      "\r\n"
      "Helga's: <otpauth://totp/helga?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ> and "
      "\"otpauth://hotp/b?secret=GEZDGNBVGY3TQOJQ\"\r\n"
      "ABCDEFGHSTRAYSECRET\r\n"
      "otpauth://totp/c?secret=1\r\n"
      "steam://GEZDGNBVGY3TQOJQ");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->format, "otpauth");
  EXPECT_EQ(reading.summary->rows, 4);
  ASSERT_EQ(reading.tokens.size(), 2U);
  EXPECT_EQ(reading.tokens[0].line, 3);
  EXPECT_EQ(reading.tokens[1].type, OtpType::hotp);
  ASSERT_EQ(reading.problems.size(), 2U);
  EXPECT_EQ(reading.problems[0].line, 5);
  EXPECT_EQ(reading.problems[0].field, "secret key");
  EXPECT_EQ(reading.problems[1].line, 6);
  EXPECT_EQ(reading.summary->problems, 2);
  EXPECT_EQ(reading.said().find("STRAY"), std::string::npos);
  EXPECT_NE(reading.said().find("line 4"), std::string::npos);
}

TEST(OtpauthList, AnExportOfGoogleAuthenticator) {
  const auto reading = read_text("here: " +
                                 uri(key("a", number(4, 2) + number(5, 2)) + key("b", number(99, 7)) + key("c", number(4, 4)) +
                                     bytes(1, bytes(2, "empty") + number(6, 2)) + number(3, 1)) +
                                 " thanks\n");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->format, "otpauth-migration");
  ASSERT_EQ(reading.tokens.size(), 2U);
  EXPECT_EQ(reading.tokens[0].hash, Hash::sha256);
  EXPECT_EQ(reading.tokens[0].digits, 8);
  EXPECT_EQ(reading.tokens[0].step, 30);
  EXPECT_EQ(reading.tokens[0].details->label, "a");
  EXPECT_EQ(text_of(reading.tokens[1].key()), "12345678901234567890");
  ASSERT_EQ(reading.problems.size(), 2U);
  EXPECT_NE(reading.problems[0].what.find("MD5"), std::string::npos);
  EXPECT_NE(reading.problems[1].what.find("no secret key"), std::string::npos);
}

TEST(OtpauthList, PayloadsAsFormsAndPeopleManglesThem) {
  std::string payload;  // base64 with + and / and padding
  for (int i = 0; base64(payload = key("\xC3\xBE\xC3\xBB" + std::string(static_cast<std::size_t>(i), '>'))).find('+') ==
                      std::string::npos ||
                  base64(payload).find('=') == std::string::npos;)
    ASSERT_LT(++i, 60);
  const std::string plain = base64(payload);
  std::string blanks = plain, unpadded = plain, url = plain;
  for (char& c : blanks) c = c == '+' ? ' ' : c;
  while (unpadded.ends_with('=')) unpadded.pop_back();
  for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
  for (const auto& data : {plain, blanks, unpadded, url, percent_encode(plain)}) {
    const auto reading = read_text("otpauth-migration://offline?data=" + data + "\n");
    EXPECT_EQ(reading.tokens.size(), 1U) << data << reading.said();
  }
}

TEST(OtpauthList, PartsThatAreMissingOrComeTwice) {
  const auto reading = read_text(part(3, 0, "a") + "\n" + part(3, 2, "c") + "\n" + part(3, 0, "a"));
  ASSERT_TRUE(reading.summary);
  EXPECT_EQ(reading.tokens.size(), 2U);
  ASSERT_EQ(reading.warnings.size(), 2U);
  EXPECT_NE(reading.said().find("part 1 of 3 of this export comes a second time"), std::string::npos);
  EXPECT_NE(reading.said().find("part 2 of 3 of this export is not in the file"), std::string::npos);
  EXPECT_TRUE(read_text(part(2, 1, "b") + "\n" + part(2, 0, "a")).warnings.empty());
}

TEST(OtpauthList, ACutOrHostilePayloadIsRefused) {
  const std::string whole = key("helga@contoso.com", number(7, 5)) + number(3, 1);
  EXPECT_EQ(read_text(uri(whole)).tokens.size(), 1U);
  for (std::size_t size = 0; size < key("helga@contoso.com", number(7, 5)).size(); ++size) {
    const auto reading = read_text(uri(std::string_view(whole).substr(0, size)));
    EXPECT_FALSE(reading.summary) << size;
    EXPECT_TRUE(reading.tokens.empty());
  }
  std::string many;
  for (int i = 0; i < 1001; ++i) many += bytes(1, "");
  for (const auto& payload : {many, std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11), std::string(20, '\xff'),
                              std::string("\x0b"), number(3, 1), key(std::string("a\n"))}) {
    const auto reading = read_text(uri(payload));
    EXPECT_TRUE(reading.tokens.empty());
    EXPECT_TRUE(!reading.summary || !reading.problems.empty());
  }
  const auto mixed = read_text("otpauth-migration://offline?data=XXXX\n" + uri(whole));
  ASSERT_TRUE(mixed.summary);
  EXPECT_EQ(mixed.tokens.size(), 1U);
  ASSERT_EQ(mixed.problems.size(), 1U);
  EXPECT_EQ(mixed.problems[0].line, 1);
}

TEST(OtpauthList, LineEndsBuffersAndBounds) {
  std::string text = "\xEF\xBB\xBF";
  for (int i = 0; i < 2000; ++i)
    text += "otpauth://totp/user" + std::to_string(i) + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" +
            (i % 3 == 0   ? "\r\n"
             : i % 3 == 1 ? "\r"
                          : "\n");
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{17}, std::string_view::npos}) {
    const auto reading = read_text(text, SecretEncoding::detect, kMostRowBytes, at_once);
    ASSERT_EQ(reading.tokens.size(), 2000U);
    EXPECT_EQ(reading.tokens.back().line, 2000);
    EXPECT_EQ(reading.tokens.back().nth, 2000);
  }
  const auto endless = read_text("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ\n" + std::string(70000, 'x'));
  ASSERT_FALSE(endless.summary);
  EXPECT_EQ(endless.summary.error().context[0].second, "2");
}

}  // namespace
}  // namespace portalkey
