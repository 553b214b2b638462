// Which tokens are accepted, whom they speak for, and how their keys are had. What is not accepted is
// entra_tokens_attack_test.cc's.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/tasks.h"
#include "service/callers/entra_keys.h"
#include "tests/emulated_cloud.h"
#include "tests/service/callers/made_tokens.h"

namespace portalkey::entra_tokens_test {
namespace {

using namespace made_tokens;

TEST(EntraTokens, AnAppHasTheRightsOfItsRoles) {
  Entra entra;
  for (const Draft& draft : {Draft(), version_1(Draft())}) {
    const auto caller = entra.caller_of(draft.token());
    ASSERT_TRUE(caller) << caller.error().what;
    EXPECT_EQ(caller->kind, Caller::Kind::app);
    EXPECT_EQ(caller->id, kClient);
    EXPECT_EQ(caller->name, kClient);
    EXPECT_EQ(caller->tenant, kTenant);
    EXPECT_EQ(caller->rights, (std::set{Right::tokens_read, Right::imports_write}));
  }
  EXPECT_EQ(entra.server.asked, 1);
  EXPECT_EQ(entra.server.urls.front(), "https://login.microsoftonline.com/common/discovery/v2.0/keys");
}

TEST(EntraTokens, AUserHasTheRightsThatAreScopesAndRoles) {
  Entra entra;
  for (const Draft& draft : {users(), version_1(users())}) {
    const auto caller = entra.caller_of(draft.token());
    ASSERT_TRUE(caller) << caller.error().what;
    EXPECT_EQ(caller->kind, Caller::Kind::user);
    EXPECT_EQ(caller->id, kUser);
    EXPECT_EQ(caller->name, "Ada@contoso.com");
    EXPECT_EQ(caller->rights, (std::set{Right::tokens_read, Right::tokens_write}));
  }
}

TEST(EntraTokens, NeitherAScopeNorARoleOpensAnythingToAUserAlone) {
  Entra entra;
  auto draft = users();
  draft.claims["scp"] = "Audit.Read access_as_user";
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::forbidden);
  draft = users();
  draft.claims["roles"] = boost::json::array{"Audit.Read"};
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::forbidden);
  draft.claims.erase("roles");
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::forbidden);
  draft.claims["roles"] = "Tokens.Read";
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unauthenticated);
}

TEST(EntraTokens, WhatWasIssuedInTheFutureIsRefused) {
  Entra entra;
  Draft draft;
  draft.claims["iat"] = kNow + 60;
  EXPECT_TRUE(entra.caller_of(draft.token()));
  draft.claims["iat"] = kNow + 61;
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unauthenticated);
  draft.claims.erase("iat");
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unauthenticated);
  draft = Draft();
  draft.header.erase("typ");
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unauthenticated);
}

TEST(EntraTokens, AnAppsOwnKeysAreAskedForByItsIdInItsTenant) {
  auto settings = usual_settings();
  settings.own_keys_of = kAudience;
  Entra entra(settings);
  ASSERT_TRUE(entra.caller_of(Draft().token()));
  EXPECT_EQ(entra.server.urls.front(),
            "https://login.microsoftonline.com/" + kTenant + "/discovery/v2.0/keys?appid=" + kAudience);
  settings.tenants.push_back(kOtherTenant);
  EXPECT_FALSE(make_entra_tokens(settings, entra.server, entra.clock));
  settings = usual_settings();
  settings.own_keys_of = "portalkey&x=y";
  EXPECT_FALSE(make_entra_tokens(settings, entra.server, entra.clock));
}

TEST(EntraTokens, TheApplicationIdUriIsAnAudienceToo) {
  Entra entra;
  auto draft = version_1(Draft());
  draft.claims["aud"] = kAudienceUri;
  EXPECT_TRUE(entra.caller_of(draft.token()));
}

TEST(EntraTokens, EachCloudHasItsOwnIssuers) {
  const struct {
    const char *cloud, *v1, *v2, *keys;
  } clouds[] = {
      {"global", "https://sts.windows.net/", "https://login.microsoftonline.com/", "login.microsoftonline.com"},
      {"usgov", "https://sts.windows.net/", "https://login.microsoftonline.us/", "login.microsoftonline.us"},
      {"usgov-dod", "https://sts.windows.net/", "https://login.microsoftonline.us/", "login.microsoftonline.us"},
      {"china", "https://sts.chinacloudapi.cn/", "https://login.partner.microsoftonline.cn/",
       "login.partner.microsoftonline.cn"},
  };
  for (const auto& here : clouds) {
    auto settings = usual_settings();
    settings.cloud = here.cloud;
    Entra entra(settings);
    for (const auto& other : clouds) {
      auto second = Draft();
      second.claims["iss"] = other.v2 + kTenant + "/v2.0";
      EXPECT_EQ(entra.caller_of(second.token()).has_value(), std::string_view(here.v2) == other.v2)
          << here.cloud << other.cloud;
      auto first = version_1(Draft());
      first.claims["iss"] = other.v1 + kTenant + "/";
      EXPECT_EQ(entra.caller_of(first.token()).has_value(), std::string_view(here.v1) == other.v1) << here.cloud << other.cloud;
    }
    EXPECT_EQ(entra.server.urls.front(), std::string("https://") + here.keys + "/common/discovery/v2.0/keys");
  }
}

TEST(EntraTokens, LifetimeHasAMinuteOfLeewayAndNoMore) {
  Entra entra;
  const auto with = [&](std::int64_t begins, std::int64_t ends) {
    Draft draft;
    draft.claims["nbf"] = kNow + begins;
    draft.claims["exp"] = kNow + ends;
    return entra.caller_of(draft.token()).has_value();
  };
  EXPECT_TRUE(with(60, 3600));
  EXPECT_FALSE(with(61, 3600));
  EXPECT_TRUE(with(-3600, -59));
  EXPECT_FALSE(with(-3600, -60));
  EXPECT_FALSE(with(0, INT64_MIN));
  EXPECT_FALSE(with(INT64_MAX - kNow, 3600));
}

TEST(EntraTokens, AnAppIsKnownWithoutTheOptionalClaimToo) {
  Entra entra;
  Draft draft;
  draft.claims["idtyp"] = "app";
  EXPECT_TRUE(entra.caller_of(draft.token()));
  draft.claims["sub"] = "something else";
  EXPECT_TRUE(entra.caller_of(draft.token()));
  draft.claims.erase("idtyp");
  EXPECT_FALSE(entra.caller_of(draft.token()));
}

TEST(EntraTokens, LimitsHoldByUserAndByApp) {
  auto settings = usual_settings();
  settings.limits = {{kClient, {{}, {"contoso.com", "fabrikam.com"}, {}, 50, true}},
                     {"BBBBBBBB-0000-4000-8000-000000000002", {{}, {"contoso.com"}, {}, 100, false}}};
  Entra entra(settings);
  const auto app = entra.caller_of(Draft().token());
  ASSERT_TRUE(app);
  EXPECT_EQ(app->limits.domains, (std::set<std::string>{"contoso.com", "fabrikam.com"}));
  EXPECT_TRUE(app->limits.may_export);
  const auto user = entra.caller_of(users().token());
  ASSERT_TRUE(user);
  EXPECT_EQ(user->limits.domains, (std::set<std::string>{"contoso.com"}));
  EXPECT_EQ(user->limits.tokens_a_day, 50U);
  EXPECT_FALSE(user->limits.may_export);
}

TEST(EntraTokens, LimitsThatLeaveNothingAreNoLimitsLess) {
  auto settings = usual_settings();
  settings.limits = {{kClient, {{"contoso"}, {}, {}, {}, true}}, {kUser, {{"fabrikam"}, {}, {}, {}, true}}};
  Entra entra(settings);
  EXPECT_EQ(entra.caller_of(users().token()).error().code, Errc::forbidden);
  EXPECT_TRUE(entra.caller_of(Draft().token()));
}

TEST(EntraTokens, SettingsThatWouldLetOthersInAreRefused) {
  KeyServer server;
  ManualClock clock{from_unix_seconds(kNow)};
  const auto code = [&](auto change) {
    auto settings = usual_settings();
    change(settings);
    auto made = make_entra_tokens(std::move(settings), server, clock);
    return made ? Errc::internal : made.error().code;
  };
  EXPECT_EQ(code([](auto& s) { s.tenants = {"contoso.com"}; }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.tenants = {"common"}; }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.tenants.clear(); }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.audiences.clear(); }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.audiences = {""}; }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.audiences = {"https://graph.microsoft.com/"}; }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.audiences = {"00000003-0000-0000-c000-000000000000"}; }), Errc::invalid_input);
  EXPECT_EQ(code([](auto& s) { s.cloud = "moon"; }), Errc::invalid_input);
}

TEST(EntraKeys, ANewKeyIsFoundWithinAMinute) {
  Entra entra;
  ASSERT_TRUE(entra.caller_of(Draft().token()));
  entra.server.body = key_set_of({&entra_key(), &next_key()});
  Draft draft;
  draft.header["kid"] = next_key().kid;
  EXPECT_FALSE(entra.caller_of(draft.token(next_key())));
  entra.clock.advance(std::chrono::seconds(60));
  EXPECT_TRUE(entra.caller_of(draft.token(next_key())));
  EXPECT_TRUE(entra.caller_of(Draft().token()));
  EXPECT_EQ(entra.server.asked, 2);
}

TEST(EntraKeys, AKeyThatEntraDroppedIsDroppedWithinADay) {
  Entra entra;
  ASSERT_TRUE(entra.caller_of(Draft().token()));
  entra.server.body = key_set_of({&next_key()});
  entra.clock.advance(kKeysFreshFor);
  Draft draft;
  draft.claims["exp"] = kNow + 1'000'000;
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unauthenticated);
}

TEST(EntraKeys, UnknownNamesCostOneRequestAMinuteInAll) {
  Entra entra;
  ASSERT_TRUE(entra.caller_of(Draft().token()));
  for (int minute = 0; minute < 3; ++minute) {
    for (int i = 0; i < 200; ++i) {
      Draft draft;
      draft.header["kid"] = "unknown-" + std::to_string(minute) + "-" + std::to_string(i);
      EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unauthenticated);
      entra.clock.advance(std::chrono::milliseconds(300));
    }
  }
  EXPECT_LE(entra.server.asked, 4);
  EXPECT_GE(entra.server.asked, 3);
}

TEST(EntraKeys, OldKeysServeOnForABoundedTime) {
  Entra entra;
  Draft draft;
  draft.claims["exp"] = kNow + 1'000'000;
  ASSERT_TRUE(entra.caller_of(draft.token()));
  entra.server.reachable = false;
  entra.clock.advance(kKeysKeptFor - std::chrono::seconds(1));
  EXPECT_TRUE(entra.caller_of(draft.token()));
  entra.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unavailable);
  const int asked = entra.server.asked;
  EXPECT_EQ(entra.caller_of(draft.token()).error().code, Errc::unavailable);
  EXPECT_EQ(entra.server.asked, asked);
  entra.server.reachable = true;
  entra.clock.advance(kKeysPauseWithoutAny);
  EXPECT_TRUE(entra.caller_of(draft.token()));
}

TEST(EntraKeys, ASetThatCannotBeUsedIsAFailedFetch) {
  const std::string sets[] = {"",
                              "[]",
                              "{}",
                              R"({"keys":[]})",
                              R"({"keys":{}})",
                              R"({"keys":[1,null,{"kty":"RSA"}]})",
                              R"({"keys":[{"kty":"RSA","kid":"entra-key-1","n":"AQAB","e":"AQAB"}]})",
                              R"({"keys":[{"kty":"oct","kid":"entra-key-1","k":"AAAA"}]})"};
  for (const auto& set : sets) {
    Entra entra;
    entra.server.body = set;
    EXPECT_EQ(entra.caller_of(Draft().token()).error().code, Errc::unavailable) << set;
  }
  Entra entra;
  entra.server.status = 500;
  EXPECT_EQ(entra.caller_of(Draft().token()).error().code, Errc::unavailable);
}

TEST(EntraKeys, EntriesThatAreNoneOfTheirsAreLeftOut) {
  const auto with = [](auto change) {
    auto entry = entra_key().jwk();
    change(entry);
    Entra entra;
    entra.server.body = boost::json::serialize(boost::json::object{{"keys", boost::json::array{entry, next_key().jwk()}}});
    return entra.caller_of(Draft().token()).has_value();
  };
  EXPECT_TRUE(with([](boost::json::object&) {}));
  EXPECT_FALSE(with([](boost::json::object& entry) { entry["use"] = "enc"; }));
  EXPECT_FALSE(with([](boost::json::object& entry) { entry["alg"] = "RS512"; }));
  EXPECT_FALSE(with([](boost::json::object& entry) { entry["e"] = "AA"; }));
  EXPECT_FALSE(with([](boost::json::object& entry) { entry["e"] = "AQ"; }));
  EXPECT_FALSE(with([](boost::json::object& entry) { entry["kid"] = next_key().kid; }));
  EXPECT_FALSE(with(
      [](boost::json::object& entry) { entry["issuer"] = "https://login.microsoftonline.com/" + kOtherTenant + "/v2.0"; }));
  EXPECT_TRUE(
      with([](boost::json::object& entry) { entry["issuer"] = "https://login.microsoftonline.com/" + kTenant + "/v2.0"; }));
  const RsaKey small("small", 1024);
  Draft draft;
  draft.header["kid"] = "small";
  Entra entra;
  entra.server.body = key_set_of({&small, &entra_key()});
  EXPECT_FALSE(entra.caller_of(draft.token(small)));
}

TEST(EntraKeys, OneFetchesAndTheOthersWait) {
  Entra entra;
  entra.server.hold(true);
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { accepted += entra.caller_of(Draft().token()).has_value(); });
  while (entra.server.times_asked() == 0) std::this_thread::yield();
  entra.server.hold(false);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 8);
  EXPECT_EQ(entra.server.asked, 1);
}

/// Waits as the HTTP client does when it is called in a task.
class SlowInTasks final : public Http {
 public:
  SlowInTasks(Http& next, Clock& clock) : next_(next), clock_(clock) {}
  Result<Response> send(const Request& request, const Deadline& deadline) override {
    Tasks::here()->wait(clock_.steady_now() + std::chrono::seconds(1));
    return next_.send(request, deadline);
  }

 private:
  Http& next_;
  Clock& clock_;
};

TEST(EntraKeys, TasksWaitForEachOtherWithoutHoldingUpTheirThread) {
  ManualClock clock{from_unix_seconds(kNow)};
  KeyServer server;
  SlowInTasks slow(server, clock);
  auto tokens = make_entra_tokens(usual_settings(), slow, clock);
  ASSERT_TRUE(tokens);
  Tasks tasks(clock);
  int accepted = 0;
  for (int i = 0; i < 5; ++i) tasks.start([&] { accepted += (*tokens)->caller_of(Draft().token()).has_value(); });
  tasks.run();
  EXPECT_EQ(accepted, 5);
  EXPECT_EQ(server.asked, 1);
}

TEST(EntraTokens, TokensOfTheSandboxAreJudgedLikeEntras) {
  EmulatedCloud cloud;
  const auto portal = cloud.portal_token();
  const std::string text = portal.reveal([](std::string_view bare) { return std::string(bare); });
  EntraTokenSettings settings{"global", {cloud.tenant()}, {find_cloud("global")->portal_resource}, {}};
  // The portal's resource is Microsoft's own, which no service may name as its audience: one it does name refuses the token.
  EXPECT_FALSE(make_entra_tokens(settings, cloud, cloud.clock));
  settings.audiences = {kAudience};
  auto tokens = make_entra_tokens(settings, cloud, cloud.clock);
  ASSERT_TRUE(tokens);
  EXPECT_EQ((*tokens)->caller_of(text).error().what, "it is for another audience");
}

}  // namespace
}  // namespace portalkey::entra_tokens_test
