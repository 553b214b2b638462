#pragma once
// What every TokenDirectory promises (directory/token_directory.h), as tests on the sandbox's emulation of its service. A kind
// of directory to be tested is a type with
//
//   EmulatedCloud cloud;
//   TokenDirectory& directory();
//   void put(std::span<const TokenSeed* const>);  makes them the tenant's, assigned and not activated, as the backend does it

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "directory/token_directory.h"
#include "otp/base32.h"
#include "otp/totp.h"
#include "tests/emulated_cloud.h"

namespace portalkey {

template <class Kind>
class TokenDirectoryContract : public testing::Test {
 protected:
  TokenDirectory& directory() { return kind_.directory(); }
  Deadline deadline() { return kind_.cloud.deadline(); }

  static TokenSeed seed(int n) {
    TokenSeed seed;
    seed.serial = fmt::format("S{:04}", n);
    seed.upn = fmt::format("user{}@contoso.com", n);
    std::string key(20, static_cast<char>(n % 251));
    key[0] = static_cast<char>(n / 251);
    seed.base32 = encode_base32(key);
    seed.step = 30;
    return seed;
  }
  void put(int first, int count = 1) {
    std::vector<TokenSeed> seeds;
    for (int i = 0; i < count; ++i) seeds.push_back(seed(first + i));
    std::vector<const TokenSeed*> all;
    for (const auto& one : seeds) all.push_back(&one);
    kind_.put(all);
  }
  std::vector<TenantToken> list(const TokenFilter& filter = {}) {
    auto listed = directory().list(filter, deadline());
    EXPECT_TRUE(listed) << listed.error().what;
    return listed ? std::move(*listed) : std::vector<TenantToken>();
  }
  /// The only token, put there.
  TenantToken one() {
    put(1);
    const auto all = list();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? TenantToken() : all.front();
  }
  std::string code(int n, std::chrono::seconds off = {}) {
    return totp(seed(n).key(), kind_.cloud.clock.now() + off, std::chrono::seconds(30));
  }
  Result<void> activate(const TenantToken& token, const std::string& code) {
    return directory().activate(token, [&] { return code; }, deadline());
  }
  bool active(const TenantToken& token) {
    const auto now = directory().again(token, deadline());
    EXPECT_TRUE(now && *now);
    return now && *now && (*now)->active;
  }

  Kind kind_;
};

TYPED_TEST_SUITE_P(TokenDirectoryContract);

TYPED_TEST_P(TokenDirectoryContract, HasOneWayInWhichItsBackendSays) {
  EXPECT_NE(this->directory().by_upload() == nullptr, this->directory().inventory() == nullptr);
  EXPECT_EQ(this->directory().inventory() == nullptr, this->directory().backend() == Backend::portal)
      << "the portal takes tokens for a user only";
  EXPECT_FALSE(this->directory().name().empty());
}

TYPED_TEST_P(TokenDirectoryContract, AnEmptyTenantHasNone) { EXPECT_TRUE(this->list().empty()); }

TYPED_TEST_P(TokenDirectoryContract, WhatIsThereIsListedAsItIs) {
  const auto token = this->one();
  EXPECT_EQ(token.serial, "S0001");
  EXPECT_TRUE(same_ignoring_case(token.upn, "user1@contoso.com")) << token.upn;
  EXPECT_FALSE(token.oath_id.empty());
  EXPECT_FALSE(token.user_id.empty());
  EXPECT_EQ(token.step, 30);
  EXPECT_FALSE(token.active);
  EXPECT_FALSE(token.nobodys());
}

TYPED_TEST_P(TokenDirectoryContract, EveryTokenOfManyPagesOnce) {
  this->put(1, 60);
  std::set<std::string> serials;
  for (const auto& token : this->list()) EXPECT_TRUE(serials.insert(token.serial).second) << token.serial << " twice";
  EXPECT_EQ(serials.size(), 60u);
}

TYPED_TEST_P(TokenDirectoryContract, AUsersTokensOrThoseThatAreActive) {
  this->put(1, 3);
  const auto of_two = this->list({.upn = "USER2@contoso.com", .active = {}});
  ASSERT_EQ(of_two.size(), 1u);
  EXPECT_EQ(of_two[0].serial, "S0002");
  ASSERT_TRUE(this->activate(of_two[0], this->code(2)));
  const auto active = this->list({.upn = {}, .active = true});
  ASSERT_EQ(active.size(), 1u);
  EXPECT_EQ(active[0].serial, "S0002");
  EXPECT_EQ(this->list({.upn = {}, .active = false}).size(), 2u);
  EXPECT_TRUE(this->list({.upn = "user2@contoso.com", .active = false}).empty());
}

TYPED_TEST_P(TokenDirectoryContract, TheRightCodeActivates) {
  const auto token = this->one();
  int asked = 0;
  const auto done = this->directory().activate(
      token,
      [&] {
        ++asked;
        return this->code(1);
      },
      this->deadline());
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(this->active(token));
}

TYPED_TEST_P(TokenDirectoryContract, AWrongCodeIsInvalidInputAndChangesNothing) {
  const auto token = this->one();
  const auto refused = this->activate(token, this->code(1, std::chrono::hours(24 * 30)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_input) << refused.error().what;
  EXPECT_FALSE(this->active(token));
}

TYPED_TEST_P(TokenDirectoryContract, AnActivationWhoseAnswerIsLostIsUnavailableAndAgainTells) {
  const auto token = this->one();
  this->kind_.cloud.lose_next = true;
  const auto lost = this->activate(token, this->code(1));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::unavailable);
  EXPECT_TRUE(this->active(token));
}

TYPED_TEST_P(TokenDirectoryContract, WhatIsRemovedIsGone) {
  this->put(1, 2);
  const auto all = this->list();
  ASSERT_EQ(all.size(), 2u);
  const auto done = this->directory().remove(all[0], this->deadline());
  ASSERT_TRUE(done) << done.error().what;
  const auto again = this->directory().again(all[0], this->deadline());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_FALSE(*again);
  const auto left = this->list();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].serial, all[1].serial);
}

TYPED_TEST_P(TokenDirectoryContract, AnActiveTokenIsRemovedToo) {
  const auto token = this->one();
  ASSERT_TRUE(this->activate(token, this->code(1)));
  ASSERT_TRUE(this->directory().remove(token, this->deadline()));
  EXPECT_TRUE(this->list().empty());
}

TYPED_TEST_P(TokenDirectoryContract, ChangesAreCountedBeforeTheyAreSentAndReadingIsNone) {
  EXPECT_EQ(this->directory().changes_asked(), 0u);
  const auto token = this->one();
  const auto after_put = this->directory().changes_asked();
  EXPECT_GT(after_put, 0u);
  this->active(token);
  this->list();
  EXPECT_EQ(this->directory().changes_asked(), after_put);
  this->kind_.cloud.lose_next = true;
  EXPECT_FALSE(this->activate(token, this->code(1)));
  EXPECT_GT(this->directory().changes_asked(), after_put) << "an answer that is lost is no proof that nothing changed";
}

TYPED_TEST_P(TokenDirectoryContract, ItLearnsTheServersTime) {
  EXPECT_FALSE(this->directory().server_clock().known());
  this->list();
  EXPECT_TRUE(this->directory().server_clock().known());
  EXPECT_LE(std::chrono::abs(this->directory().server_clock().offset()), std::chrono::seconds(1));
}

TYPED_TEST_P(TokenDirectoryContract, AStopIsObeyed) {
  std::stop_source stop;
  stop.request_stop();
  const auto listed =
      this->directory().list({}, Deadline::in(std::chrono::minutes(1), this->kind_.cloud.clock, stop.get_token()));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, Errc::cancelled);
}

REGISTER_TYPED_TEST_SUITE_P(TokenDirectoryContract, HasOneWayInWhichItsBackendSays, AnEmptyTenantHasNone,
                            WhatIsThereIsListedAsItIs, EveryTokenOfManyPagesOnce, AUsersTokensOrThoseThatAreActive,
                            TheRightCodeActivates, AWrongCodeIsInvalidInputAndChangesNothing,
                            AnActivationWhoseAnswerIsLostIsUnavailableAndAgainTells, WhatIsRemovedIsGone,
                            AnActiveTokenIsRemovedToo, ChangesAreCountedBeforeTheyAreSentAndReadingIsNone,
                            ItLearnsTheServersTime, AStopIsObeyed);

}  // namespace portalkey
