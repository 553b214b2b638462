#pragma once
// What every ApiKeys promises, run on each implementation. Make{} has a `ManualClock clock`; keys() is the store, and another()
// the same store opened once more, as another process has it.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/key_like.h"
#include "service/callers/api_keys.h"

namespace portalkey {

template <class Make>
class ApiKeysContract : public testing::Test {
 protected:
  Make made;
  ApiKeys& keys() { return made.keys(); }
  WallTime now() { return made.clock.now(); }

  NewApiKey wish(std::string name = "help desk") {
    return {std::move(name), {Right::tokens_read}, {}, now() + std::chrono::days(30)};
  }
  CreatedApiKey created(const NewApiKey& of) {
    auto made_key = keys().create(of);
    if (!made_key) throw std::runtime_error(made_key.error().what);
    return std::move(*made_key);
  }
  static std::string text_of(const CreatedApiKey& key) {
    return key.text.reveal([](std::string_view text) { return std::string(text); });
  }
  std::string why_refused(std::string_view presented) {
    auto found = keys().find(presented);
    if (found) return "it is not";
    EXPECT_EQ(found.error().code, Errc::unauthenticated);
    return found.error().what;
  }
};
TYPED_TEST_SUITE_P(ApiKeysContract);

TYPED_TEST_P(ApiKeysContract, AKeyIsFoundWithAllThatItMay) {
  NewApiKey wish{"night import", {Right::tokens_read, Right::imports_write}, {}, this->now() + std::chrono::days(365)};
  wish.limits = {{"contoso", "fabrikam"}, {"contoso.com"}, {"5b1e1d0e-7d3c-4a52-9b5f-0f7d1c2b3a49"}, 50, false};
  const auto key = this->created(wish);
  const auto found = this->keys().find(this->text_of(key));
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->id, key.key.id);
  EXPECT_EQ(found->name, "night import");
  EXPECT_EQ(found->rights, wish.rights);
  EXPECT_EQ(found->limits.tenants, wish.limits.tenants);
  EXPECT_EQ(found->limits.domains, wish.limits.domains);
  EXPECT_EQ(found->limits.groups, wish.limits.groups);
  EXPECT_EQ(found->limits.tokens_a_day, 50U);
  EXPECT_FALSE(found->limits.may_export);
  EXPECT_EQ(found->expires, wish.expires);
  EXPECT_EQ(found->created, this->now());
  const Caller caller = caller_of(*found);
  EXPECT_EQ(caller.kind, Caller::Kind::key);
  EXPECT_EQ(caller.id, key.key.id);
  EXPECT_TRUE(caller.may(Right::imports_write));
  EXPECT_FALSE(caller.may(Right::tokens_write));
}

TYPED_TEST_P(ApiKeysContract, NoTwoKeysAreAlikeAndLogsHideThem) {
  std::set<std::string> texts, ids;
  for (int i = 0; i < 50; ++i) {
    const auto key = this->created(this->wish());
    EXPECT_TRUE(looks_like_key(this->text_of(key)));
    EXPECT_FALSE(looks_like_key(key.key.id)) << key.key.id;
    texts.insert(this->text_of(key));
    ids.insert(key.key.id);
  }
  EXPECT_EQ(texts.size(), 50U);
  EXPECT_EQ(ids.size(), 50U);
}

TYPED_TEST_P(ApiKeysContract, NothingButTheWholeKeyIsTheKey) {
  const auto key = this->created(this->wish());
  const auto other = this->created(this->wish());
  const std::string text = this->text_of(key);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(this->keys().find(changed)) << i;
    EXPECT_FALSE(this->keys().find(std::string_view(text).substr(0, i))) << i;
  }
  EXPECT_FALSE(this->keys().find(text + "a"));
  EXPECT_FALSE(this->keys().find(" " + text));
  EXPECT_FALSE(this->keys().find(""));
  EXPECT_FALSE(this->keys().find("pk_' OR 1=1 --_" + text.substr(16)));
  EXPECT_FALSE(this->keys().find(text.substr(0, 15) + this->text_of(other).substr(15)));
  EXPECT_TRUE(this->keys().find(text));
}

TYPED_TEST_P(ApiKeysContract, ARevokedKeyIsRefusedAtOnceEverywhere) {
  const auto key = this->created(this->wish());
  auto other = this->made.another();
  ASSERT_TRUE(this->keys().find(this->text_of(key)));
  const auto revoked = other->revoke(key.key.id);
  ASSERT_TRUE(revoked) << revoked.error().what;
  EXPECT_EQ(revoked->revoked, this->now());
  EXPECT_NE(this->why_refused(this->text_of(key)).find("revoked"), std::string::npos);
  this->made.clock.advance(std::chrono::hours(1));
  const auto again = this->keys().revoke(key.key.id);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->revoked, revoked->revoked);
}

TYPED_TEST_P(ApiKeysContract, WhatAnotherProcessMakesIsFoundAtOnce) {
  auto other = this->made.another();
  EXPECT_TRUE(this->keys().list()->empty());
  auto key = other->create(this->wish());
  ASSERT_TRUE(key);
  EXPECT_TRUE(this->keys().find(this->text_of(*key)));
  EXPECT_EQ(this->keys().list()->size(), 1U);
}

TYPED_TEST_P(ApiKeysContract, AnExpiredKeyIsRefusedFromItsMomentOn) {
  const auto key = this->created(this->wish());
  this->made.clock.advance(std::chrono::days(30) - std::chrono::seconds(1));
  EXPECT_TRUE(this->keys().find(this->text_of(key)));
  this->made.clock.advance(std::chrono::seconds(1));
  EXPECT_NE(this->why_refused(this->text_of(key)).find("expired"), std::string::npos);
  EXPECT_EQ(this->keys().list()->front().state(this->now()), ApiKey::State::expired);
}

TYPED_TEST_P(ApiKeysContract, ANameIsEnoughToRevokeWhereOneLiveKeyHasIt) {
  const auto first = this->created(this->wish("flow"));
  EXPECT_TRUE(this->keys().revoke("flow"));
  EXPECT_EQ(this->keys().revoke("flow").error().code, Errc::not_found);
  const auto second = this->created(this->wish("flow"));
  const auto third = this->created(this->wish("flow"));
  const auto unclear = this->keys().revoke("flow");
  ASSERT_FALSE(unclear);
  EXPECT_EQ(unclear.error().code, Errc::conflict);
  EXPECT_NE(unclear.error().remedy.find(second.key.id), std::string::npos);
  EXPECT_NE(unclear.error().remedy.find(third.key.id), std::string::npos);
  EXPECT_EQ(unclear.error().remedy.find(first.key.id), std::string::npos);
  EXPECT_TRUE(this->keys().find(this->text_of(second)));
  EXPECT_TRUE(this->keys().revoke(second.key.id));
  EXPECT_TRUE(this->keys().revoke("flow"));
  EXPECT_FALSE(this->keys().find(this->text_of(third)));
  EXPECT_EQ(this->keys().revoke("nobody").error().code, Errc::not_found);
  EXPECT_EQ(this->keys().revoke("").error().code, Errc::not_found);
}

TYPED_TEST_P(ApiKeysContract, WhenAKeyWasLastUsedIsKnownToTheHour) {
  const auto key = this->created(this->wish());
  EXPECT_FALSE(this->keys().list()->front().last_used);
  const auto first = this->now();
  ASSERT_TRUE(this->keys().find(this->text_of(key)));
  this->made.clock.advance(std::chrono::minutes(59));
  ASSERT_TRUE(this->keys().find(this->text_of(key)));
  EXPECT_EQ(this->made.another()->list()->front().last_used, first);
  this->made.clock.advance(std::chrono::minutes(1));
  ASSERT_TRUE(this->keys().find(this->text_of(key)));
  EXPECT_EQ(this->made.another()->list()->front().last_used, first + std::chrono::hours(1));
}

TYPED_TEST_P(ApiKeysContract, TheListHasAllNewestFirst) {
  for (const char* name : {"one", "two", "three"}) this->created(this->wish(name));
  ASSERT_TRUE(this->keys().revoke("two"));
  const auto all = this->keys().list();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].name, "three");
  EXPECT_EQ((*all)[1].state(this->now()), ApiKey::State::revoked);
  EXPECT_EQ((*all)[2].state(this->now()), ApiKey::State::live);
}

TYPED_TEST_P(ApiKeysContract, WhatNoKeyCanBeIsRefused) {
  const auto refused = [&](auto change) {
    auto wish = this->wish();
    change(wish);
    auto key = this->keys().create(wish);
    EXPECT_FALSE(key);
    return !key && key.error().code == Errc::invalid_input && !key.error().remedy.empty();
  };
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.name = ""; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.name = "two\nlines"; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.name = std::string(101, 'x'); }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.name = "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA"; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.rights.clear(); }));
  EXPECT_TRUE(refused([&](NewApiKey& wish) { wish.expires = this->now(); }));
  EXPECT_TRUE(refused([&](NewApiKey& wish) { wish.expires = this->now() + std::chrono::days(731); }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.limits.domains = {"Contoso.com"}; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.limits.domains = {"ada@contoso.com"}; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.limits.groups = {"Help desk"}; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.limits.tenants = {""}; }));
  EXPECT_TRUE(refused([](NewApiKey& wish) { wish.limits.tokens_a_day = 0; }));
  EXPECT_TRUE(this->keys().list()->empty());
}

TYPED_TEST_P(ApiKeysContract, ManyThreadsMayAskWhileOthersMakeAndRevoke) {
  const auto key = this->created(this->wish("stays"));
  auto other = this->made.another();
  std::atomic<int> found = 0, revoked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 100; ++turn) found += this->keys().find(this->text_of(key)).has_value();
    });
  }
  threads.emplace_back([&] {
    for (int turn = 0; turn < 20; ++turn) {
      auto fresh = other->create(this->wish());
      revoked += fresh && other->revoke(fresh->key.id);
    }
  });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(found, 300);
  EXPECT_EQ(revoked, 20);
}

REGISTER_TYPED_TEST_SUITE_P(ApiKeysContract, AKeyIsFoundWithAllThatItMay, NoTwoKeysAreAlikeAndLogsHideThem,
                            NothingButTheWholeKeyIsTheKey, ARevokedKeyIsRefusedAtOnceEverywhere,
                            WhatAnotherProcessMakesIsFoundAtOnce, AnExpiredKeyIsRefusedFromItsMomentOn,
                            ANameIsEnoughToRevokeWhereOneLiveKeyHasIt, WhenAKeyWasLastUsedIsKnownToTheHour,
                            TheListHasAllNewestFirst, WhatNoKeyCanBeIsRefused, ManyThreadsMayAskWhileOthersMakeAndRevoke);

}  // namespace portalkey
