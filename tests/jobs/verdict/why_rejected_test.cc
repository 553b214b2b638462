#include "jobs/verdict/why_rejected.h"

#include <gtest/gtest.h>

namespace portalkey::why_rejected_test {
namespace {

constexpr const char* kGuest = "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com";

TokenSeed token(const std::string& upn = "anna@contoso.com") {
  TokenSeed token;
  token.serial = "0012345";
  token.upn = upn;
  token.base32 = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  token.step = 30;
  return token;
}

std::optional<OutcomeCode> code(const std::optional<Rejection>& rejection) {
  return rejection ? std::optional(rejection->code) : std::nullopt;
}

TEST(WhyRejected, AnOrdinaryTokenOfAMemberIsNot) {
  for (const auto backend : {Backend::portal, Backend::graph}) EXPECT_FALSE(why_rejected(token(), true, backend, {}));
}

TEST(WhyRejected, TheKindComesBeforeTheUser) {
  auto hotp = token("no user");
  hotp.type = OtpType::hotp;
  EXPECT_EQ(code(why_rejected(hotp, true, Backend::portal, {})), OutcomeCode::unsupported_token);
  EXPECT_EQ(code(why_rejected(hotp, false, Backend::portal, {})), OutcomeCode::invalid_user) << "the tenant has it";
}

TEST(WhyRejected, WhatGraphWouldTakeIsSaid) {
  auto sha256 = token();
  sha256.hash = Hash::sha256;
  const auto rejection = why_rejected(sha256, true, Backend::portal, {});
  ASSERT_TRUE(rejection);
  EXPECT_TRUE(rejection->graph_would);
  EXPECT_FALSE(why_rejected(sha256, true, Backend::graph, {}));
  EXPECT_TRUE(why_token_rejected(sha256, std::nullopt)) << "who does not know the backend is told of the portal's limits";
}

TEST(WhyRejected, ThePortalTakesATokenForAUserOnly) {
  const auto rejection = why_rejected(token(""), true, Backend::portal, {});
  ASSERT_EQ(code(rejection), OutcomeCode::no_user);
  EXPECT_TRUE(rejection->graph_would);
  EXPECT_NE(rejection->remedy.find("[[setting|assign|LIST]]"), std::string::npos);
  EXPECT_FALSE(why_rejected(token(""), true, Backend::graph, {}));
  EXPECT_FALSE(why_user_rejected("", std::nullopt, Guests::by_upn));
}

TEST(WhyRejected, AGuestByTheUpnUnlessKnownToBeAMember) {
  EXPECT_EQ(code(why_rejected(token(kGuest), true, Backend::graph, {})), OutcomeCode::guest);
  EXPECT_FALSE(why_rejected(token(kGuest), true, Backend::graph, {account_of(kGuest)}));
  EXPECT_EQ(code(why_rejected(token(kGuest), true, Backend::graph, {"bela@contoso.com"})), OutcomeCode::guest);
  EXPECT_FALSE(why_user_rejected(kGuest, Backend::portal, Guests::allowed)) << "somebody else judges them";
}

TEST(WhyRejected, WhatCanBeNobodysName) {
  const auto rejection = why_rejected(token("anna"), true, Backend::portal, {});
  ASSERT_EQ(code(rejection), OutcomeCode::invalid_user);
  EXPECT_TRUE(rejection->reason.starts_with("upn: ")) << rejection->reason;
  EXPECT_FALSE(rejection->remedy.empty());
}

}  // namespace
}  // namespace portalkey::why_rejected_test
