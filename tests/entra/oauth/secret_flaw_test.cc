#include "entra/oauth/secret_flaw.h"

#include <gtest/gtest.h>

#include "base/secret_text.h"

namespace portalkey::secret_flaw_test {
namespace {

TEST(RefreshTokenFlaw, NamesThePlaceAndNotTheText) {
  const std::pair<std::string, const char*> rows[] = {
      {"1.AXsecret_-~", ""},
      {"", "nothing in it"},
      {"abc def", "a blank at character 4 of 7"},
      {"abc\ndef", "a line break at character 4 of 7"},
      {"abc\r\ndef", "a line break at character 4 of 8"},
      {"a\tb", "a tab at character 2 of 3"},
      {"{\"refresh_token\":\"x\"}", "a brace, as JSON has at character 1 of 21"},
      {"abc\"", "a quotation mark at character 4 of 4"},
      {"ab\xEF\xBB\xBF"
       "c",
       "a character beyond ASCII at character 3 of 6"},
      {std::string("a\0b", 3), "a control character at character 2 of 3"},
      {"<token>", "a character that no token has at character 1 of 7"},
      {std::string((32 << 10) + 1, 'x'), "32769 characters, more than any token"},
  };
  for (const auto& [text, flaw] : rows) EXPECT_EQ(refresh_token_flaw(text), flaw) << text.substr(0, 30);
}

TEST(RefreshTokenFlaw, NothingThatIsTakenOffAroundIt) {
  for (const char* text : {"1.AX0A\n", "\r\n1.AX0A",
                           "\xEF\xBB\xBF"
                           "1.AX0A\r\n",
                           "\"1.AX0A\"", " '1.AX0A' \n", "\t1.AX0A\t"}) {
    EXPECT_EQ(secret_in_text(text).reveal(refresh_token_flaw), "") << text;
    secret_in_text(text).reveal([](std::string_view bare) { EXPECT_EQ(bare, "1.AX0A"); });
  }
}

TEST(ClientSecretFlaw, OnlyWhatNoneCanHave) {
  EXPECT_EQ(client_secret_flaw("abc8Q~x \"y\" \xC3\xA9"), "");
  EXPECT_EQ(client_secret_flaw("abc\ndef"), "a line break at character 4 of 7");
  EXPECT_EQ(client_secret_flaw("abc\x01"), "a control character at character 4 of 4");
}

}  // namespace
}  // namespace portalkey::secret_flaw_test
