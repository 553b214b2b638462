#include "base/percent_encoding.h"

#include <gtest/gtest.h>

namespace portalkey::percent_encoding_test {
namespace {

TEST(PercentEncoding, EverythingButUnreservedIsEscaped) {
  EXPECT_EQ(percent_encode("o''brien+x@contoso.com"), "o%27%27brien%2Bx%40contoso.com");
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("\xc3\xa9 /#&=?"), "%C3%A9%20%2F%23%26%3D%3F");
}

}  // namespace
}  // namespace portalkey::percent_encoding_test
