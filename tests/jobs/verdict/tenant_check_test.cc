#include "jobs/verdict/tenant_check.h"

#include <gtest/gtest.h>

namespace portalkey::tenant_check_test {
namespace {

using State = TenantVerdict::State;

TenantToken token(std::string serial, std::string upn, bool active = false) {
  TenantToken out;
  out.serial = std::move(serial);
  out.upn = std::move(upn);
  out.active = active;
  return out;
}

TEST(TenantCheck, ASerialNumberIsFreeTheUsersOwnOrTaken) {
  TenantCheck check;
  check.set({token("01", "Anna@contoso.com", true), token("02", "anna@contoso.com"), token("03", "o'brien@contoso.com", true)});
  EXPECT_EQ(check.judge("1", "anna@contoso.com").state, State::absent) << "leading zeros count";
  EXPECT_EQ(check.judge("01", "anna@CONTOSO.com").state, State::active);
  EXPECT_EQ(check.judge("02", "anna@contoso.com").state, State::inactive);
  EXPECT_EQ(check.judge("03", "o''brien@contoso.com").state, State::active) << "doubled, as older instructions have it";
  EXPECT_EQ(check.judge("01", "").state, State::active) << "the file need not say whose it is";
  const auto active = check.judge("01", "bob@contoso.com"), inactive = check.judge("02", "bob@contoso.com");
  EXPECT_EQ(active.state, State::taken);
  EXPECT_NE(active.what.find("Anna@contoso.com (active)"), std::string::npos) << active.what;
  EXPECT_NE(inactive.what.find("(not activated)"), std::string::npos) << inactive.what;
  EXPECT_FALSE(active.remedy.empty());
}

TEST(TenantCheck, TheTenantsTokensAndTheFilesCountTogether) {
  TenantCheck check;
  check.set({token("t1", "ANNA@contoso.com"), token("t2", "anna@contoso.com"), token("t3", "anna@contoso.com")});
  EXPECT_EQ(check.judge("t1", "anna@contoso.com").state, State::inactive) << "counted already";
  EXPECT_EQ(check.judge("f1", "anna@contoso.com").state, State::absent);
  EXPECT_EQ(check.judge("f2", "Anna@contoso.com").state, State::absent);
  const auto sixth = check.judge("f3", "anna@contoso.com");
  EXPECT_EQ(sixth.state, State::too_many);
  EXPECT_NE(sixth.what.find("more than 5"), std::string::npos) << sixth.what;
  EXPECT_EQ(check.judge("f4", "bob@contoso.com").state, State::absent);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(check.judge("nobody's " + std::to_string(i), "").state, State::absent);
  check.set({});
  EXPECT_EQ(check.judge("f3", "anna@contoso.com").state, State::absent) << "what is read anew counts anew";
}

TEST(TenantCheck, WhatAUserHasIsNamed) {
  TenantCheck check;
  auto gone = token("04", "", true);
  gone.user_id = "5a4e";
  check.set({token("02", "Anna@contoso.com"), token("01", "anna@contoso.com", true), token("03", "bob@contoso.com"), gone,
             token("05", "")});
  EXPECT_EQ(check.holdings("anna@contoso.com"), "anna@contoso.com has 01 (active) and 02 (not activated)");
  EXPECT_EQ(check.holdings("zoe@contoso.com"), "zoe@contoso.com has no token");
  ASSERT_EQ(check.of_user("5A4E").size(), 1u) << "a deleted user has no name any more";
  EXPECT_TRUE(check.of_user("").empty()) << "nobody's token is no user's";
}

TEST(TenantCheck, GuestsAreKnownByTheirName) {
  EXPECT_TRUE(is_guest_upn("anna_fabrikam.com#ext#@contoso.onmicrosoft.com"));
  EXPECT_TRUE(is_guest_upn("anna_fabrikam.com#EXT#@contoso.onmicrosoft.com"));
  EXPECT_FALSE(is_guest_upn("ext@contoso.com"));
}

}  // namespace
}  // namespace portalkey::tenant_check_test
