#include "base/visible_text.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace portalkey::visible_text_test {
namespace {

TEST(VisibleText, EachCharacterThatSteersOrHidesIsNeutral) {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string text = "a";
    append_utf8(text, code);
    text += 'b';
    const auto [read, size] = utf8_character(std::string_view(text).substr(1));
    ASSERT_EQ(read, code);
    ASSERT_EQ(size + 2, text.size());
    const std::string expected = is_control(code) ? "a b" : is_unseen(code) ? "ab" : text;
    ASSERT_EQ(visible_text(text), expected) << static_cast<unsigned>(code);
  }
  for (const char32_t code : {0x00U, 0x0AU, 0x1BU, 0x7FU, 0x85U, 0x9BU, 0x2028U, 0x2029U}) EXPECT_TRUE(is_control(code));
  for (const char32_t code : {0xADU, 0x61CU, 0x200BU, 0x200DU, 0x200EU, 0x202EU, 0x2066U, 0x2069U, 0xFEFFU, 0x3164U, 0xE0041U})
    EXPECT_TRUE(is_unseen(code));
}

TEST(VisibleText, LineFeedsMayStay) {
  EXPECT_EQ(visible_text("a\nb\r\n\x1b", '?', LineEnds::kept), "a\nb?\n?");
  EXPECT_EQ(visible_text("a\nb", '?'), "a?b");
}

TEST(EscapedJson, IsValidWhateverTheBytes) {
  EXPECT_EQ(escaped_json("{\"a\":\"\xff\xC3\xB6\"}"), "{\"a\":\"\xEF\xBF\xBD\xC3\xB6\"}");
  EXPECT_EQ(escaped_json("\"\xE2\x80\xAE\x7F\xC2\x9B\""), R"("\u202e\u007f\u009b")");
  EXPECT_EQ(escaped_json("\"\xF3\xA0\x81\x81\""), R"("\udb40\udc41")");
}

}  // namespace
}  // namespace portalkey::visible_text_test
