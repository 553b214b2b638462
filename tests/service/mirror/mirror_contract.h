#pragma once
// What every implementation of Mirror must keep to. Instantiate with a type that has `Mirror& mirror()`, `ManualClock&
// clock()`.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/ascii.h"
#include "base/random.h"
#include "service/mirror/mirror.h"
#include "tests/service/mirror/listed_directory.h"

namespace portalkey::mirror_contract {

inline TenantToken token_of(std::string serial, std::string id, std::string upn = {}, bool active = false) {
  TenantToken token;
  token.serial = std::move(serial);
  token.oath_id = std::move(id);
  token.user_id = upn.empty() ? "" : "user-" + upn;
  token.upn = std::move(upn);
  token.active = active;
  token.manufacturer = "Feitian";
  token.model = "c200";
  token.step = 30;
  return token;
}

/// The plain way: a vector, filtered and sorted.
inline bool wanted(const TenantToken& token, const MirrorQuery& query) {
  const auto contains = [](const std::string& text, const std::string& part) { return lower(text).contains(lower(part)); };
  if (!query.search.empty() && !lower(token.serial).starts_with(lower(query.search)) &&
      !account_of(token.upn).starts_with(account_of(query.search)))
    return false;
  if (query.upn == "none" && !token.nobodys()) return false;
  if (!query.upn.empty() && query.upn != "none" && account_of(token.upn) != account_of(query.upn)) return false;
  if (query.state && state_in_tenant(token) != *query.state) return false;
  return contains(token.serial, query.serial) && contains(token.manufacturer, query.manufacturer) &&
         contains(token.model, query.model);
}

inline std::tuple<std::int64_t, std::string, std::string, std::string> key_of(const TenantToken& token, TokenColumn column) {
  std::int64_t number = 0;
  std::string text;
  switch (column) {
    case TokenColumn::serial: break;
    case TokenColumn::upn: text = account_of(token.upn); break;
    case TokenColumn::state: number = static_cast<int>(state_in_tenant(token)); break;
    case TokenColumn::interval: number = token.step.value_or(0); break;
    case TokenColumn::manufacturer: text = lower(token.manufacturer); break;
    case TokenColumn::model: text = lower(token.model); break;
  }
  return {number, text, lower(token.serial), token.oath_id};
}

inline std::vector<std::string> expected(const std::vector<TenantToken>& all, const MirrorQuery& query) {
  std::vector<TenantToken> found;
  for (const auto& token : all)
    if (wanted(token, query)) found.push_back(token);
  std::ranges::sort(found, {}, [&](const auto& token) { return key_of(token, query.order.column); });
  if (query.order.descending) std::ranges::reverse(found);
  std::vector<std::string> out;
  for (const auto& token : found) out.push_back(token.serial + "/" + token.oath_id);
  return out;
}

inline Deadline soon(Clock& clock, std::stop_token stop = {}) { return Deadline::in(std::chrono::hours(1), clock, stop); }

/// From the first page to the last; `between` is called after each.
inline std::vector<std::string> walked(Mirror& mirror, MirrorQuery query, const std::function<void()>& between = [] {}) {
  std::vector<std::string> out;
  for (;;) {
    auto page = mirror.page("one", query);
    if (!page) {
      ADD_FAILURE() << page.error().what;
      return out;
    }
    EXPECT_LE(page->tokens.size(), query.most);
    for (const auto& token : page->tokens) out.push_back(token.serial + "/" + token.oath_id);
    if (page->next.empty()) return out;
    query.after = page->next;
    between();
  }
}

inline std::string random_serial(Random& random) {
  static constexpr std::string_view kCharacters = "aAbB012_%\"'*";
  std::string out;
  for (auto left = 1 + random.below(6); left > 0; --left) out += kCharacters[random.below(kCharacters.size())];
  return out;
}

inline TenantToken random_token(Random& random, std::size_t number) {
  auto token = token_of(random_serial(random), random.below(20) == 0 ? "" : std::to_string(number));
  if (random.below(3) != 0) {
    token.upn = random_serial(random) + "@x.example";
    token.user_id = random.below(2) == 0 ? "" : "u";
  } else if (random.below(10) == 0) {
    token.user_id = "left";
  }
  token.active = random.below(3) == 0;
  token.manufacturer = std::string(std::array{"Feitian", "FEITIAN", "Token2", "", "a_b"}[random.below(5)]);
  token.model = std::string(std::array{"c200", "C%", "", "o''x"}[random.below(4)]);
  token.step = std::array{std::optional<int>(30), std::optional<int>(60), std::optional<int>()}[random.below(3)];
  return token;
}

inline MirrorQuery random_query(Random& random) {
  MirrorQuery query;
  const auto part = [&] { return random_serial(random).substr(0, 1 + random.below(3)); };
  if (random.below(3) == 0) query.search = part();
  if (random.below(4) == 0) query.serial = part();
  if (random.below(5) == 0) query.manufacturer = std::array{"feit", "T", "_", "zz"}[random.below(4)];
  if (random.below(5) == 0) query.model = std::array{"C", "%", "0", "'"}[random.below(4)];
  if (random.below(4) == 0) query.state = static_cast<TokenState>(random.below(3));
  if (random.below(8) == 0) query.upn = random.below(2) == 0 ? "none" : random_serial(random) + "@X.example";
  query.order = {static_cast<TokenColumn>(random.below(6)), random.below(2) == 0};
  query.most = 1 + random.below(150);
  return query;
}

/// As the mirror tells tokens from each other.
inline std::vector<TenantToken> without_twins(const std::vector<TenantToken>& tokens) {
  std::map<std::pair<std::string, std::string>, TenantToken> out;
  for (const auto& token : tokens) out.insert_or_assign({lower(token.serial), token.oath_id}, token);
  std::vector<TenantToken> list;
  for (auto& [key, token] : out) list.push_back(std::move(token));
  return list;
}

template <class World>
class MirrorContract : public testing::Test {
 protected:
  Mirror& mirror() { return world_.mirror(); }
  std::vector<OutsideChange> refresh(ListedDirectory& directory) {
    std::vector<OutsideChange> changes;
    auto done =
        mirror().refresh("one", directory, soon(world_.clock()), [&](const auto& change) { changes.push_back(change); });
    EXPECT_TRUE(done) << done.error().what;
    return changes;
  }
  World world_;
};
TYPED_TEST_SUITE_P(MirrorContract);

TYPED_TEST_P(MirrorContract, isNotFoundUntilItWasReadWhole) {
  EXPECT_EQ(this->mirror().page("one", {}).error().code, Errc::not_found);
  ASSERT_TRUE(this->mirror().put("one", token_of("T1", "1")));
  EXPECT_EQ(this->mirror().counts("one", {}).error().code, Errc::not_found);
  EXPECT_FALSE(this->mirror().as_of("one")->has_value());
  ListedDirectory directory;
  this->refresh(directory);
  EXPECT_EQ(this->mirror().page("one", {})->tokens.size(), 0U);
  EXPECT_EQ(this->mirror().as_of("one")->value(), this->world_.clock().now());
  EXPECT_EQ(this->mirror().page("two", {}).error().code, Errc::not_found);
}

TYPED_TEST_P(MirrorContract, answersAsAPlainListWould) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Random random(seed);
    ListedDirectory directory;
    for (std::size_t i = 0; i < 300; ++i) directory.tokens.push_back(random_token(random, i));
    this->refresh(directory);
    const auto all = without_twins(directory.tokens);
    for (int i = 0; i < 150; ++i) {
      const auto query = random_query(random);
      const auto should = expected(all, query);
      ASSERT_EQ(walked(this->mirror(), query), should) << seed << " " << i;
      const auto counts = this->mirror().counts("one", query);
      ASSERT_EQ(counts->all, static_cast<std::int64_t>(should.size())) << seed << " " << i;
      ASSERT_EQ(counts->active + counts->not_activated + counts->unassigned, counts->all);
    }
  }
}

TYPED_TEST_P(MirrorContract, pagesMissNothingThatStaysWhileOthersComeAndGo) {
  Random random(5);
  ListedDirectory directory;
  for (std::size_t i = 0; i < 200; ++i)
    directory.tokens.push_back(token_of("S" + std::to_string(random.below(1'000'000)), std::to_string(i), "u@x.example"));
  for (std::size_t i = 0; i < 200; ++i)
    directory.tokens.push_back(token_of("M" + std::to_string(i), std::to_string(i), "m@x.example"));
  for (int column = 0; column < 6; ++column) {
    this->refresh(directory);
    MirrorQuery query;
    query.order = {static_cast<TokenColumn>(column), column % 2 == 1};
    query.most = 7;
    const auto walk = walked(this->mirror(), query, [&] {
      ASSERT_TRUE(this->mirror().gone("one", "M" + std::to_string(random.below(200))));
      ASSERT_TRUE(
          this->mirror().put("one", token_of("N" + std::to_string(random.below(900)), random.guid(), "a@x.example", true)));
    });
    std::multiset<std::string> seen(walk.begin(), walk.end());
    for (const auto& token : directory.tokens) {
      if (!token.serial.starts_with('S')) continue;
      EXPECT_EQ(seen.count(token.serial + "/" + token.oath_id), 1U) << token.serial;
    }
    for (const auto& one : seen) EXPECT_EQ(seen.count(one), 1U) << one;
  }
}

TYPED_TEST_P(MirrorContract, refusesMarksThatAreNotItsOwn) {
  ListedDirectory directory;
  for (int i = 0; i < 9; ++i) directory.tokens.push_back(token_of("T" + std::to_string(i), std::to_string(i)));
  this->refresh(directory);
  MirrorQuery query;
  query.most = 2;
  query.after = this->mirror().page("one", query)->next;
  ASSERT_TRUE(this->mirror().page("one", query));
  auto other = query;
  other.search = "T";
  EXPECT_EQ(this->mirror().page("one", other).error().code, Errc::invalid_input);
  EXPECT_EQ(this->mirror().page("two", query).error().code, Errc::invalid_input);
  for (std::size_t i = 0; i < query.after.size(); ++i) {
    auto changed = query;
    changed.after[i] = changed.after[i] == 'A' ? 'B' : 'A';
    const auto page = this->mirror().page("one", changed);
    ASSERT_FALSE(page) << i;
    EXPECT_EQ(page.error().code, Errc::invalid_input);
  }
}

TYPED_TEST_P(MirrorContract, tellsWhatOthersChangedAndNotWhatTheServiceDid) {
  using What = OutsideChange::What;
  ListedDirectory directory;
  directory.tokens = {token_of("T1", "1", "a@x"), token_of("T2", "2", "a@x", true), token_of("T3", "3", "a@x"),
                      token_of("T4", "4"), token_of("T5", "5", "a@x")};
  EXPECT_TRUE(this->refresh(directory).empty());
  EXPECT_TRUE(this->refresh(directory).empty());
  TenantToken done;  // as a job tells it: without an id
  done.serial = "T5";
  done.upn = "a@x";
  done.active = true;
  ASSERT_TRUE(this->mirror().put("one", done));
  ASSERT_TRUE(this->mirror().gone("one", "T4"));
  done.serial = "T7";
  ASSERT_TRUE(this->mirror().put("one", done));
  directory.tokens = {token_of("T1", "1", "a@x", true), token_of("T2", "2", "a@x"), token_of("T3", "3", "b@x"),
                      token_of("T5", "5", "a@x", true), token_of("T6", "6"),        token_of("T7", "7", "a@x", true)};
  std::multiset<std::pair<std::string, What>> told;
  for (const auto& change : this->refresh(directory)) told.insert({change.token.serial, change.what});
  EXPECT_EQ(told,
            (std::multiset<std::pair<std::string, What>>{
                {"T1", What::activated}, {"T2", What::deactivated}, {"T3", What::changed_owner}, {"T6", What::appeared}}));
  directory.tokens.pop_back();
  const auto vanished = this->refresh(directory);
  ASSERT_EQ(vanished.size(), 1U);
  EXPECT_EQ(vanished[0].what, What::vanished);
  EXPECT_EQ(vanished[0].token.oath_id, "7");
}

TYPED_TEST_P(MirrorContract, theServicesOwnWinsOverWhatAPageSaidBefore) {
  ListedDirectory directory;
  directory.tokens = {token_of("T1", "1"), token_of("T2", "2")};
  this->refresh(directory);
  directory.meanwhile = [&] {
    ASSERT_TRUE(this->mirror().put("one", token_of("T1", "1", "a@x", true)));
    ASSERT_TRUE(this->mirror().gone("one", "t2"));
    ASSERT_TRUE(this->mirror().put("one", token_of("T3", "3")));
    EXPECT_EQ(this->mirror().page("one", {})->tokens.size(), 2U);
  };
  EXPECT_TRUE(this->refresh(directory).empty());
  EXPECT_EQ(walked(this->mirror(), {}), (std::vector<std::string>{"T1/1", "T3/3"}));
  EXPECT_EQ(this->mirror().counts("one", {})->active, 1);
}

TYPED_TEST_P(MirrorContract, keepsWhatWasThereIfAReadingFailsOrIsStopped) {
  ListedDirectory directory;
  directory.tokens = {token_of("T1", "1")};
  this->refresh(directory);
  const auto as_of = this->world_.clock().now();
  this->world_.clock().advance(std::chrono::minutes(5));
  directory.tokens = {token_of("T2", "2")};
  directory.failure = Error{Errc::unavailable, "no answer", "", {}};
  EXPECT_EQ(this->mirror().refresh("one", directory, soon(this->world_.clock()), {}).error().code, Errc::unavailable);
  directory.failure.reset();
  std::stop_source stop;
  directory.meanwhile = [&] { stop.request_stop(); };
  EXPECT_FALSE(this->mirror().refresh("one", directory, soon(this->world_.clock(), stop.get_token()), {}));
  EXPECT_EQ(walked(this->mirror(), {}), (std::vector<std::string>{"T1/1"}));
  EXPECT_EQ(this->mirror().page("one", {})->as_of, as_of);
  directory.meanwhile = [&] {
    EXPECT_EQ(this->mirror().refresh("one", directory, soon(this->world_.clock()), {}).error().code, Errc::conflict);
  };
  this->refresh(directory);
  EXPECT_EQ(walked(this->mirror(), {}), (std::vector<std::string>{"T2/2"}));
}

TYPED_TEST_P(MirrorContract, takesPagesTwiceSerialNumbersTwiceAndTokensWithoutIds) {
  ListedDirectory directory;
  directory.tokens = {token_of("T1", "b"), token_of("T1", "a"), token_of("T1", "b", "x@x"), token_of("T2", ""),
                      token_of("t2", "")};
  this->refresh(directory);
  EXPECT_EQ(walked(this->mirror(), {}), (std::vector<std::string>{"T1/a", "T1/b", "t2/"}));
  EXPECT_EQ(this->mirror().page("one", {})->tokens[1].upn, "x@x");
  EXPECT_TRUE(this->refresh(directory).empty());
  ASSERT_TRUE(this->mirror().gone("one", "T1"));
  EXPECT_EQ(walked(this->mirror(), {}), (std::vector<std::string>{"t2/"}));
}

REGISTER_TYPED_TEST_SUITE_P(MirrorContract, isNotFoundUntilItWasReadWhole, answersAsAPlainListWould,
                            pagesMissNothingThatStaysWhileOthersComeAndGo, refusesMarksThatAreNotItsOwn,
                            tellsWhatOthersChangedAndNotWhatTheServiceDid, theServicesOwnWinsOverWhatAPageSaidBefore,
                            keepsWhatWasThereIfAReadingFailsOrIsStopped, takesPagesTwiceSerialNumbersTwiceAndTokensWithoutIds);

}  // namespace portalkey::mirror_contract
