#include "web/http_message.h"

#include <gtest/gtest.h>

namespace portalkey::http_message_test {
namespace {

TEST(HttpMessage, FormIsDecoded) {
  const TextPairs expected{{"a", "1"}, {"b c", "x y z"}, {"empty", ""}, {"bare", ""}, {"odd", "100%"}, {"cut", "%4"}};
  EXPECT_EQ(parse_form("a=1&b%20c=x+y%20z&empty=&bare&odd=100%&cut=%4"), expected);
  EXPECT_TRUE(parse_form("").empty());
  EXPECT_TRUE(parse_form("&&").empty());
}

TEST(HttpMessage, TargetIsSplitAndThePathKeepsItsPlus) {
  HttpRequest request;
  set_target(request, "/a%20b+c/d?x=1&x=2&y=a+b");
  EXPECT_EQ(request.path, "/a b+c/d");
  EXPECT_EQ(request.parameter("x"), "1");
  EXPECT_EQ(request.parameter("y"), "a b");
  EXPECT_FALSE(request.parameter("z"));
}

TEST(HttpMessage, AbsoluteTargetLosesItsHost) {
  HttpRequest request;
  set_target(request, "https://login.microsoftonline.com/common/oauth2/token?a=b");
  EXPECT_EQ(request.path, "/common/oauth2/token");
  EXPECT_EQ(request.parameter("a"), "b");
  set_target(request, "https://login.microsoftonline.com");
  EXPECT_EQ(request.path, "/");
  set_target(request, "/a?u=https://b/c");
  EXPECT_EQ(request.path, "/a");
}

}  // namespace
}  // namespace portalkey::http_message_test
