#include "http/bearer_challenge.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace portalkey::bearer_challenge_test {
namespace {

Response refused(std::initializer_list<std::string> headers, int status = 401) {
  Response response;
  response.status = status;
  for (const auto& header : headers) response.headers.emplace("www-authenticate", header);
  return response;
}

TEST(BearerChallenge, IsReadInAnyOrderAndQuoting) {
  for (
      const char* header :
      {R"(Bearer realm="", authorization_uri="https://login/x", error="insufficient_claims", claims="e30=")",
       R"(bearer claims=e30=,error=insufficient_claims , realm="", authorization_uri="https://login/x")",
       R"(PoP nonce="a,b", Bearer  error="insufficient_claims",claims="e30=",authorization_uri="https://login/x",realm="")",
       R"(Negotiate abc==, Bearer realm="",error="insufficient_claims",authorization_uri="https://login/x",claims="e30=", Basic realm="x")"}) {
    const auto found = bearer_challenge(refused({header}));
    ASSERT_TRUE(found) << header;
    EXPECT_EQ(found->at("error"), "insufficient_claims") << header;
    EXPECT_EQ(found->at("claims"), "e30=") << header;
    EXPECT_EQ(found->at("authorization_uri"), "https://login/x") << header;
    EXPECT_EQ(found->at("realm"), "") << header;
  }
}

TEST(BearerChallenge, IsFoundInTheSecondHeader) {
  const auto found = bearer_challenge(refused({"Basic realm=\"x\"", R"(Bearer resource="https:\/\/vault")"}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at("resource"), "https://vault");
}

TEST(BearerChallenge, GarbageIsNoneAndEnds) {
  for (const char* header : {"", "Basic realm=x", ",,,", "\"", "=", "Bearerx a=b", "@@@, ;;; =", "Basic realm=\"Bearer a=b"}) {
    EXPECT_FALSE(bearer_challenge(refused({header}))) << header;
  }
  EXPECT_TRUE(bearer_challenge(refused({"Bearer"})));
  EXPECT_TRUE(bearer_challenge(refused({"Bearer error=\"unterminated"})));
}

TEST(DemandedClaims, OnlyOfA401WithInsufficientClaims) {
  const std::string claims = R"({"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}??>)";
  const std::string padded = base64(claims);
  std::string bare = base64url(claims);
  for (const auto& text : {padded, bare}) {
    const auto header = R"(Bearer error="insufficient_claims", claims=")" + text + "\"";
    EXPECT_EQ(demanded_claims(refused({header})), claims);
    EXPECT_FALSE(demanded_claims(refused({header}, 403)));
  }
  EXPECT_FALSE(demanded_claims(refused({R"(Bearer error="invalid_token", claims="e30=")"})));
  EXPECT_FALSE(demanded_claims(refused({R"(Bearer error="insufficient_claims")"})));
  EXPECT_FALSE(demanded_claims(refused({R"(Bearer error="insufficient_claims", claims="*")"})));
}

}  // namespace
}  // namespace portalkey::bearer_challenge_test
