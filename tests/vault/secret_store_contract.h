#pragma once
// What every SecretStore promises, run on each implementation. Make{}() opens a fresh, empty store; Make::deadline() is a
// deadline that is never in the way; Make::pass_a_second() lets a second go by on the store's clock.

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

TYPED_TEST_P(SecretStoreContract, VersionsAreListedNewestFirstAndOlderOnesCanBeDisabled) {
  EXPECT_EQ(this->store().versions("RefreshToken", this->deadline()).error().code, Errc::not_found);
  std::vector<std::string> ids;
  for (const char* value : {"one", "two", "three"}) {
    SecretAttributes attributes;
    attributes.tags = {{"portalkey-host", value}};
    auto put = this->store().put("RefreshToken", Secret(value), attributes, this->deadline());
    ASSERT_TRUE(put) << put.error().what;
    ids.push_back(put->id);
    this->made.pass_a_second();
  }
  auto all = this->store().versions("RefreshToken", this->deadline());
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_EQ(all->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*all)[i].id, ids[2 - i]);
    EXPECT_TRUE((*all)[i].enabled);
  }
  EXPECT_EQ((*all)[2].tags.at("portalkey-host"), "one");

  for (int twice = 0; twice < 2; ++twice) ASSERT_TRUE(this->store().disable("RefreshToken", ids[0], this->deadline()));
  all = this->store().versions("RefreshToken", this->deadline());
  ASSERT_TRUE(all) << all.error().what;
  for (const auto& version : *all) EXPECT_EQ(version.enabled, version.id != ids[0]);
  EXPECT_EQ(shown(this->store().get("RefreshToken", this->deadline())->value), "three");
  EXPECT_TRUE(this->store().disable("RefreshToken", "00000000000000000000000000000000", this->deadline())) << "nothing to do";
}

REGISTER_TYPED_TEST_SUITE_P(SecretStoreContract, ANameNeverStoredIsNotFound, PutReturnsTheVersionThatGetFinds, TheLatestPutWins,
                            LongValuesAndEveryByteOfTextSurvive, VersionsAreListedNewestFirstAndOlderOnesCanBeDisabled);

}  // namespace portalkey
