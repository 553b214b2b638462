// Keys and tokens behind one door, and what is told at it.

#include "service/callers/callers.h"

#include <gtest/gtest.h>

#include "tests/service/callers/made_tokens.h"
#include "tests/temporary_folder.h"

namespace portalkey::callers_test {
namespace {

using namespace made_tokens;

struct Door {
  explicit Door(EntraTokenSettings settings = usual_settings(), FailureLimit limit = {}) {
    auto opened = open_api_keys(folder / "service", clock);
    if (!opened) throw std::runtime_error(opened.error().what);
    keys = std::move(*opened);
    auto made = make_authenticator(std::move(settings), *keys, &server, clock, limit);
    if (!made) throw std::runtime_error(made.error().what);
    door = std::move(*made);
  }
  std::string new_key() {
    auto made = keys->create({"flow", {Right::tokens_read}, {}, clock.now() + std::chrono::days(1)});
    if (!made) throw std::runtime_error(made.error().what);
    return made->text.reveal([](std::string_view text) { return std::string(text); });
  }
  Errc refusal(const std::string& authorization, std::string_view peer = "192.0.2.1") {
    auto caller = door->caller_of(authorization, peer);
    EXPECT_FALSE(caller);
    return caller ? Errc::internal : caller.error().code;
  }

  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(kNow)};
  KeyServer server;
  std::unique_ptr<ApiKeys> keys;
  std::unique_ptr<Authenticator> door;
};

TEST(Callers, KeysAndTokensOpenTheSameDoor) {
  Door door;
  const auto key = door.door->caller_of("Bearer " + door.new_key(), "192.0.2.1");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->kind, Caller::Kind::key);
  EXPECT_EQ(door.server.asked, 0);
  const auto app = door.door->caller_of("bearer " + Draft().token(), "192.0.2.1");
  ASSERT_TRUE(app);
  EXPECT_EQ(app->kind, Caller::Kind::app);
}

TEST(Callers, AllWhoAreNobodyAreToldTheSame) {
  Door door;
  Draft expired;
  expired.claims["exp"] = kNow - 100;
  const auto key = door.new_key();
  ASSERT_TRUE(door.keys->revoke("flow"));
  for (const std::string& shown :
       {std::string(), std::string("Bearer"), std::string("Bearer "), "Basic " + key, "Bearer " + key,
        "Bearer " + expired.token(), "Bearer " + Draft().token(attackers_key()), key}) {
    const auto caller = door.door->caller_of(shown, "192.0.2.1");
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error().code, Errc::unauthenticated);
    EXPECT_EQ(caller.error().what, kNobody);
    EXPECT_EQ(caller.error().remedy, door.door->caller_of("", "192.0.2.1").error().remedy);
    EXPECT_TRUE(caller.error().context.empty());
  }
}

TEST(Callers, WhoHasNoRightIsForbiddenAndWithoutKeysNobodyCanTell) {
  Door door;
  Draft none;
  none.claims.erase("roles");
  EXPECT_EQ(door.refusal("Bearer " + none.token()), Errc::forbidden);
  Door unreachable;
  unreachable.server.reachable = false;
  EXPECT_EQ(unreachable.refusal("Bearer " + Draft().token()), Errc::unavailable);
}

TEST(Callers, TooManyFailuresOfAnAddressAreThrottledForAMinute) {
  Door door(usual_settings(), {3, 100});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(door.refusal("Bearer x"), Errc::unauthenticated);
  EXPECT_EQ(door.refusal("Bearer x"), Errc::throttled);
  EXPECT_EQ(door.refusal("Bearer x", "192.0.2.2"), Errc::unauthenticated);
  EXPECT_TRUE(door.door->caller_of("Bearer " + Draft().token(), "192.0.2.1"));
  door.clock.advance(std::chrono::minutes(1));
  EXPECT_EQ(door.refusal("Bearer x"), Errc::unauthenticated);
}

TEST(Callers, WithoutTenantsOnlyKeysAreTaken) {
  Door door(EntraTokenSettings{});
  EXPECT_EQ(door.refusal("Bearer " + Draft().token()), Errc::unauthenticated);
  EXPECT_TRUE(door.door->caller_of("Bearer " + door.new_key(), "192.0.2.1"));
  EXPECT_EQ(door.server.asked, 0);
}

TEST(FailedCalls, MemoryIsBoundedAndANetworkCountsAsOne) {
  ManualClock clock{from_unix_seconds(kNow)};
  FailedCalls failed({2, 10}, clock);
  for (int i = 0; i < 1000; ++i) (void)failed.add("198.51.100." + std::to_string(i));
  EXPECT_LE(failed.remembered(), 11U);
  FailedCalls by_network({2, 10}, clock);
  EXPECT_TRUE(by_network.add("2001:db8::1"));
  EXPECT_TRUE(by_network.add("2001:db8::2"));
  EXPECT_FALSE(by_network.add("2001:db8:0:0:ffff::3"));
  EXPECT_TRUE(by_network.add("2001:db8:0:1::3"));
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
}

}  // namespace
}  // namespace portalkey::callers_test
