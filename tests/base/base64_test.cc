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

}  // namespace
}  // namespace portalkey::base64_test
