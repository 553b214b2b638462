#include "entra/oauth/access_token.h"

#include <gtest/gtest.h>

#include "tests/entra/jwt.h"

namespace portalkey::access_token_test {
namespace {

TEST(AccessToken, ReadsV1AndV2Claims) {
  auto v1 = read_claims(Secret(unsigned_jwt(
      R"({"tid":"t","upn":"svc@contoso.com","oid":"o","appid":"a","scp":"user_impersonation","wids":["w"],"amr":["pwd","mfa"],"exp":1767225600})")));
  ASSERT_TRUE(v1);
  EXPECT_EQ(v1->account, "svc@contoso.com");
  EXPECT_TRUE(v1->delegated);
  EXPECT_EQ(v1->roles, std::vector<std::string>{"w"});
  EXPECT_EQ(v1->expires, from_unix_seconds(1767225600));
  auto v2 = read_claims(Secret(unsigned_jwt(R"({"preferred_username":"x@y.z","azp":"b","roles":["r"]})")));
  ASSERT_TRUE(v2);
  EXPECT_EQ(v2->account, "x@y.z");
  EXPECT_EQ(v2->app, "b");
  EXPECT_FALSE(v2->delegated);
}

TEST(AccessToken, GarbageIsAnErrorNotACrash) {
  for (const char* bad : {"", ".", "..", "a.b.c", "x.e30=.y", "only", "a.W10.c"})
    EXPECT_FALSE(read_claims(Secret(std::string_view(bad)))) << bad;
}

}  // namespace
}  // namespace portalkey::access_token_test
