#include "base/base64.h"

#include <gtest/gtest.h>

namespace portalkey::base64_test {
namespace {

TEST(Base64, Rfc4648Vectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64(plain), encoded);
    EXPECT_EQ(decode_base64(encoded), plain);
  }
}

TEST(Base64, UrlVariantHasNoPadding) {
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(decode_base64url("-_8"), "\xfb\xff");
}

TEST(Base64, StrayCharactersAreRefused) {
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zm9v!", "Zm 9v", "Zh=="}) EXPECT_FALSE(decode_base64(bad)) << bad;
  for (const char* bad : {"-_8=", "+/8", "a"}) EXPECT_FALSE(decode_base64url(bad)) << bad;
}

TEST(Base64, NoByteOutsideOfTheAlphabetIsTaken) {
  const std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 4; ++at) {
      std::string text = "AAAA";
      text[at] = static_cast<char>(byte);
      const bool letter = letters.contains(text[at]);
      const bool padding = byte == '=' && at == 3;
      EXPECT_EQ(decode_base64(text).has_value(), letter || byte == '+' || byte == '/' || padding) << byte << " at " << at;
      EXPECT_EQ(decode_base64url(text).has_value(), letter || byte == '-' || byte == '_') << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace portalkey::base64_test
