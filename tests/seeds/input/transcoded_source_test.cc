#include "seeds/input/transcoded_source.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

using namespace std::string_literals;

/// Both orders, from text of the basic plane and the pairs given as they are.
std::string utf16(std::u16string_view text, ByteOrder order) {
  std::string out;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    out += order == ByteOrder::little ? low : high;
    out += order == ByteOrder::little ? high : low;
  }
  return out;
}

Result<std::string> transcoded(std::string_view bytes, ByteOrder order, std::size_t at_once, std::size_t room_bytes) {
  MemorySource memory(bytes, at_once);
  TranscodedSource source(memory, order);
  std::string out, room(room_bytes, '\0');
  for (;;) {
    const auto n = source.read(room);
    if (!n) return std::unexpected(n.error());
    if (*n == 0) return out;
    out.append(room, 0, *n);
  }
}

TEST(Utf16, EveryLengthOfCharacterInPiecesOfAnySize) {
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    for (const std::u16string_view mark : {u"\uFEFF", u""}) {
      const auto bytes = utf16(std::u16string(mark) + u"a\u00F6\u5C71\U0001F511,\uFEFF\r\n", order);
      for (const std::size_t pieces : {1U, 2U, 3U, 5U, 64U}) {
        const auto text = transcoded(bytes, order, pieces, pieces);
        ASSERT_TRUE(text);
        EXPECT_EQ(*text, "a\u00F6\u5C71\U0001F511,\uFEFF\r\n");
      }
      EXPECT_EQ(utf8_of_start(bytes, order), "a\u00F6\u5C71\U0001F511,\uFEFF\r\n");
    }
  }
}

TEST(Utf16, HalfACharacterIsAnError) {
  for (const std::string& bytes : {"a\0b"s, "a\0\x3D\xD8"s,
                                   "a\0\x3D\xD8"
                                   "b\0"s,
                                   "a\0\x11\xDD"s}) {
    const auto text = transcoded(bytes, ByteOrder::little, std::string_view::npos, 64);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Errc::invalid_input);
    EXPECT_NE(text.error().what.find("at byte 3"), std::string::npos) << text.error().what;
  }
}

TEST(Utf16, ASeedFileIsReadInBothOrdersWithAndWithoutMark) {
  const std::string text = std::string(kHeader) + "a@contoso.com,0001," + std::string(kKey) + ",30,Contoso,C200\n";
  const std::u16string wide(text.begin(), text.end());
  for (const auto order : {ByteOrder::little, ByteOrder::big}) {
    for (const std::u16string_view mark : {u"\uFEFF", u""}) {
      const auto reading = read_text(utf16(std::u16string(mark) + wide, order));
      ASSERT_TRUE(reading.summary);
      ASSERT_EQ(reading.tokens.size(), 1U);
      EXPECT_EQ(reading.tokens[0].serial, "0001");
      EXPECT_NE(reading.said().find("UTF-16"), std::string::npos);
    }
  }
}

TEST(Windows1252, NothingIsReplaced) {
  EXPECT_EQ(utf8_of_windows_1252("M\xFCller \x80 \x93"), "M\u00FCller \u20AC \u201C");
  for (const char* bytes : {"\x81", "\x8D", "\x8F", "\x90", "\x9D"}) EXPECT_FALSE(utf8_of_windows_1252(bytes));
}

}  // namespace
}  // namespace portalkey
