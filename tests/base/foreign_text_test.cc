#include "base/foreign_text.h"

#include <gtest/gtest.h>

#include <random>

#include "base/utf8.h"
#include "base/visible_text.h"

namespace portalkey::foreign_text_test {
namespace {

TEST(ForeignText, IsOneLineThatSteersNothing) {
  const struct {
    std::string_view raw, shown;
  } rows[] = {
      {"plain words", "plain words"},
      {" blanks \r\n", "blanks"},
      {"two\r\nlines\tand a tab", "two  lines and a tab"},
      {std::string_view("a\0b", 3), "a b"},
      {"\x1b[31mred\x1b[0m and \x1b]0;title\x07more", "red and more"},
      {"\xC2\x9B"
       "2Jclear",
       "clear"},
      {"half \x1b[", "half  ["},
      {"\xE2\x80\xAE"
       "denrut\xE2\x80\xAC, \xE2\x81\xA6isolated\xE2\x81\xA9",
       "denrut, isolated"},
      {"zero\xE2\x80\x8Bwidth\xEF\xBB\xBF", "zerowidth"},
      {"line\xE2\x80\xA8separator", "line separator"},
      {"not \xff UTF-8 \xC3", "not \xEF\xBF\xBD UTF-8 \xEF\xBF\xBD"},
      {"J\xC3\xB6rg \xE6\xBC\xA2\xE5\xAD\x97", "J\xC3\xB6rg \xE6\xBC\xA2\xE5\xAD\x97"},
      {"JBSWY3DP\xE2\x80\x8B"
       "EHPK3PXP\x1b[1mJBSWY3DP",
       "***"},
  };
  for (const auto& [raw, shown] : rows) EXPECT_EQ(foreign_text(raw), shown);
}

TEST(ForeignText, IsBoundedAndCutAtACharacter) {
  std::string words;
  for (int i = 0; i < 1000; ++i) words += "w\xC3\xB6rter ";
  for (const std::size_t bytes : {5, 20, 21, 22, 23, 500}) {
    const auto cut = foreign_text(words, bytes);
    EXPECT_LE(cut.size(), bytes);
    EXPECT_TRUE(cut.ends_with("...")) << cut;
    EXPECT_EQ(cut, visible_text(cut)) << "a character was cut through";
  }
  EXPECT_LE(foreign_text(std::string(10'000'000, 'x')).size(), kForeignText);
}

TEST(ForeignText, WhateverGoesInValidTextComesOut) {
  std::mt19937 dice(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string raw;
    for (auto left = dice() % 64; left > 0; --left) {
      constexpr std::string_view kOften = "\x1b[]%\\u&#;=:'\"AZaz09 \n\xE2\x80\xAE\xC2\x9B\xEF\xBB\xBF";
      raw += dice() % 2 == 0 ? kOften[dice() % kOften.size()] : static_cast<char>(dice());
    }
    const auto text = foreign_text(raw, 48);
    ASSERT_LE(text.size(), 48U);
    for (std::string_view rest = text; !rest.empty();) {
      const auto [code, size] = utf8_character(rest);
      ASSERT_NE(size, 0U);
      ASSERT_FALSE(is_control(code) || is_unseen(code));
      rest.remove_prefix(size);
    }
  }
}

TEST(ForeignCode, IsHeldToItsAlphabet) {
  for (const auto* code : {"invalid_grant", "ForbiddenByRbac", "Authorization_RequestDenied", "AADSTS50076", "Request.Bad-1",
                           "Request_MultipleObjectsWithSameKeyValue"})
    EXPECT_EQ(foreign_code(code), code);
  for (const auto* code : {"", "with blank", "1begins", "line\nend", "\x1b[31m", "JBSWY3DPEHPK3PXP", "a/b", "a:b", "\xC3\xB6",
                           "eyJ0eXAiOiJKV1QiLCJhbGciOi"})
    EXPECT_EQ(foreign_code(code), "") << code;
  EXPECT_EQ(foreign_code(std::string(65, 'a')), "");
}

TEST(ForeignId, IsHeldToItsAlphabet) {
  for (const auto* id : {"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9", "request-1",
                         "westeurope:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "12345"})
    EXPECT_EQ(foreign_id(id), id);
  for (const auto* id : {"a b", "a\r\nb", "48656c6c6f21deadbeef48656c6c6f21deadbeef", "JBSWY3DPEHPK3PXP", "a/b", "<b>"})
    EXPECT_EQ(foreign_id(id), "") << id;
  EXPECT_EQ(foreign_id(std::string(101, '1')), "");
}

}  // namespace
}  // namespace portalkey::foreign_text_test
