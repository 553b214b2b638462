#pragma once
// What every SecretStore promises, run on each implementation. Make{}() opens a fresh, empty store; Make::deadline() is a
// deadline that is never in the way.

#include <gtest/gtest.h>

#include "vault/secret_store.h"

namespace portalkey {

inline std::string shown(const Secret& secret) {
  return secret.reveal([](std::string_view text) { return std::string(text); });
}

template <class Store>
class SecretStoreContract : public testing::Test {
 protected:
  Store made;
  SecretStore& store() { return made.store(); }
  Deadline deadline() { return made.deadline(); }
};
TYPED_TEST_SUITE_P(SecretStoreContract);

TYPED_TEST_P(SecretStoreContract, ANameNeverStoredIsNotFound) {
  auto got = this->store().get("RefreshToken", this->deadline());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::not_found);
  EXPECT_FALSE(got.error().remedy.empty());
}

TYPED_TEST_P(SecretStoreContract, PutReturnsTheVersionThatGetFinds) {
  SecretAttributes attributes;
  attributes.expires = from_unix_seconds(2'000'000'000);
  attributes.tags = {{"portalkey-account", "svc@contoso.com"}};
  auto put = this->store().put("RefreshToken", Secret("one"), attributes, this->deadline());
  ASSERT_TRUE(put) << put.error().what;
  auto got = this->store().get("RefreshToken", this->deadline());
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(shown(got->value), "one");
  EXPECT_EQ(got->version.id, put->id);
  EXPECT_EQ(got->version.expires, attributes.expires);
  EXPECT_EQ(got->version.tags, attributes.tags);
}

TYPED_TEST_P(SecretStoreContract, TheLatestPutWins) {
  auto first = this->store().put("RefreshToken", Secret("one"), {}, this->deadline());
  auto second = this->store().put("RefreshToken", Secret("two"), {}, this->deadline());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(shown(this->store().get("RefreshToken", this->deadline())->value), "two");
}

TYPED_TEST_P(SecretStoreContract, LongValuesAndEveryByteOfTextSurvive) {
  std::string value(2'000, 'A');
  value += "0.AX-_~\"\\/{}\xc3\xa9\n";
  ASSERT_TRUE(this->store().put("RefreshToken", Secret(value), {}, this->deadline()));
  EXPECT_EQ(shown(this->store().get("RefreshToken", this->deadline())->value), value);
}

REGISTER_TYPED_TEST_SUITE_P(SecretStoreContract, ANameNeverStoredIsNotFound, PutReturnsTheVersionThatGetFinds, TheLatestPutWins,
                            LongValuesAndEveryByteOfTextSurvive);

}  // namespace portalkey
