#pragma once
// What every escrow promises: it holds the one refresh token that Entra has given and the vault has not confirmed, until it is
// cleared. A kind of escrow to be tested is a type with
//
//   Escrow open();       the same escrow, as another process would open it
//   std::string bytes(); everything that is stored of it, as somebody reads it who has what the escrow is kept in
//
// To be used under the session's lock (session_lock_contract.h), so nothing here happens at once.

#include <gtest/gtest.h>

#include "entra/session/escrow.h"

namespace portalkey {

template <class Kind>
class EscrowContract : public testing::Test {
 protected:
  static EscrowedToken token(const std::string& refresh_token = "0.AXtoken") {
    return {Secret(refresh_token), "version-1", "svc@contoso.com", from_unix_seconds(1'767'225'600), "Helpdesk Administrator"};
  }
  std::string held() {
    auto loaded = kind_.open().load();
    if (!loaded) return "error: " + loaded.error().what;
    if (!*loaded) return "none";
    return (*loaded)->refresh_token.reveal([](std::string_view text) { return std::string(text); });
  }
  Kind kind_;
};

TYPED_TEST_SUITE_P(EscrowContract);

TYPED_TEST_P(EscrowContract, AtFirstItHoldsNone) {
  EXPECT_FALSE(this->kind_.open().exists());
  EXPECT_EQ(this->held(), "none");
  EXPECT_TRUE(this->kind_.open().clear()) << "nothing to do";
}

TYPED_TEST_P(EscrowContract, WhatWasSavedIsThereForWhoeverComesNext) {
  ASSERT_TRUE(this->kind_.open().save(this->token()));
  EXPECT_TRUE(this->kind_.open().exists());
  for (int again = 0; again < 2; ++again) {
    const auto loaded = this->kind_.open().load();
    ASSERT_TRUE(loaded && *loaded) << "loading takes nothing away";
    EXPECT_EQ(this->held(), "0.AXtoken");
    EXPECT_EQ((*loaded)->successor_of, "version-1");
    EXPECT_EQ((*loaded)->account, "svc@contoso.com");
    EXPECT_EQ((*loaded)->obtained, from_unix_seconds(1'767'225'600));
    EXPECT_EQ((*loaded)->roles, "Helpdesk Administrator");
  }
}

TYPED_TEST_P(EscrowContract, TheLastOneSavedCounts) {
  ASSERT_TRUE(this->kind_.open().save(this->token("first")));
  ASSERT_TRUE(this->kind_.open().save(this->token("second")));
  EXPECT_EQ(this->held(), "second");
}

TYPED_TEST_P(EscrowContract, WhatIsClearedIsGone) {
  ASSERT_TRUE(this->kind_.open().save(this->token()));
  ASSERT_TRUE(this->kind_.open().clear());
  EXPECT_FALSE(this->kind_.open().exists());
  EXPECT_EQ(this->held(), "none");
  ASSERT_TRUE(this->kind_.open().save(this->token("next")));
  EXPECT_EQ(this->held(), "next");
}

TYPED_TEST_P(EscrowContract, LongTokensAndEveryByteOfTextSurvive) {
  const std::string text = std::string(5'000, 'A') + "0.AX-_~\"\\/{}\xc3\xa9\n";
  ASSERT_TRUE(this->kind_.open().save(this->token(text)));
  EXPECT_EQ(this->held(), text);
}

TYPED_TEST_P(EscrowContract, NothingOfItIsStoredInPlain) {
  ASSERT_TRUE(this->kind_.open().save(this->token()));
  const auto bytes = this->kind_.bytes();
  EXPECT_FALSE(bytes.empty());
  for (const char* plain : {"0.AXtoken", "svc@contoso.com", "Helpdesk"})
    EXPECT_EQ(bytes.find(plain), std::string::npos) << plain;
}

REGISTER_TYPED_TEST_SUITE_P(EscrowContract, AtFirstItHoldsNone, WhatWasSavedIsThereForWhoeverComesNext, TheLastOneSavedCounts,
                            WhatIsClearedIsGone, LongTokensAndEveryByteOfTextSurvive, NothingOfItIsStoredInPlain);

}  // namespace portalkey
