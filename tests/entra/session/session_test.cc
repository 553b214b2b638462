#include "entra/session/session.h"

#include "base/time_text.h"
#include "tests/entra/session/session_world.h"

namespace portalkey::session_test {
namespace {

using World = SessionWorld;

TEST(Session, StoresTheSuccessorAndLeavesNoEscrow) {
  World world;
  world.store.stored = {"RT0"};
  world.grant("RT1");
  auto access = world.session.refresh(world.deadline());
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(world.redeemed(0), "RT0");
  EXPECT_EQ(world.store.stored.back(), "RT1");
  EXPECT_EQ(access->vault_version, "2");
  EXPECT_EQ(world.store.tags.at("portalkey-account"), "svc@contoso.com");
  EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
  EXPECT_FALSE(access->not_stored);
}

TEST(Session, AVaultThatDoesNotTakeItLeavesItInEscrowAndTheNextRunStoresIt) {
  World world;
  world.store.stored = {"RT0"};
  world.store.writable = false;
  world.grant("RT1");
  auto access = world.session.refresh(world.deadline());
  ASSERT_TRUE(access) << "the access token is good all the same";
  ASSERT_TRUE(access->not_stored);
  EXPECT_TRUE(std::filesystem::exists(world.escrow_path));

  world.store.writable = true;
  world.grant("RT2");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  EXPECT_EQ(world.redeemed(1), "RT1");
  EXPECT_EQ(world.store.stored, (std::vector<std::string>{"RT0", "RT2"}));
  EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
}

TEST(Session, WhileTheVaultStaysReadOnlyTheEscrowCarriesTheSession) {
  World world;
  world.store.stored = {"RT0"};
  world.store.writable = false;
  for (int run = 1; run <= 3; ++run) {
    world.grant(fmt::format("RT{}", run));
    ASSERT_TRUE(world.session.refresh(world.deadline()));
    EXPECT_EQ(world.redeemed(static_cast<std::size_t>(run - 1)), fmt::format("RT{}", run - 1));
  }
}

TEST(Session, AnAnswerOfTheVaultThatWasLostIsNotStoredTwice) {
  World world;
  world.store.stored = {"RT0"};
  world.store.answer_lost = true;
  world.grant("RT1");
  ASSERT_TRUE(world.session.refresh(world.deadline())->not_stored);
  world.store.answer_lost = false;
  world.grant("RT2");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  EXPECT_EQ(world.store.stored, (std::vector<std::string>{"RT0", "RT1", "RT2"}));
}

TEST(Session, ANewerTokenOfAnotherWriterIsUsedAndOursIsTheFallback) {
  for (const bool theirs_works : {true, false}) {
    World world;
    world.store.stored = {"RT0"};
    world.store.writable = false;
    world.grant("RT1");
    ASSERT_TRUE(world.session.refresh(world.deadline()));
    world.store.writable = true;
    world.store.stored.push_back("FLOW");
    if (!theirs_works) world.refuse(700082);
    world.grant("RT2");
    ASSERT_TRUE(world.session.refresh(world.deadline()));
    EXPECT_EQ(world.redeemed(1), "FLOW");
    if (!theirs_works) {
      EXPECT_EQ(world.redeemed(2), "RT1");
    }
    EXPECT_EQ(world.store.stored.back(), "RT2");
    EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
  }
}

TEST(Session, ARefusalThatNeedsAPersonIsNotRetriedAndChangesNothing) {
  World world;
  world.store.stored = {"RT0"};
  world.refuse(50076);
  EXPECT_EQ(world.session.refresh(world.deadline()).error().code, Errc::needs_person);
  EXPECT_EQ(world.http.sent.size(), 1u);
  EXPECT_EQ(world.store.stored, std::vector<std::string>{"RT0"});
}

TEST(Session, ASuccessorStoredByAnotherMachineMeanwhileIsTaken) {
  World world;
  world.store.stored = {"RT0"};
  world.store.after_first_get = "THEIRS";
  world.refuse(70008);
  world.grant("RT2");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  EXPECT_EQ(world.redeemed(1), "THEIRS");
  EXPECT_EQ(world.store.stored.back(), "RT2");
}

TEST(Session, AnOlderEscrowIsNotMistakenForTheNewToken) {
  World world;
  world.store.stored = {"RT0"};
  world.store.writable = false;
  world.grant("RT1");
  ASSERT_TRUE(world.session.refresh(world.deadline())->not_stored);
  world.escrow_unwritable();
  world.grant("OTHER");
  auto adopted = world.session.adopt(Secret("GIVEN"), {}, [](const PortalAccess&) { return Result<void>(); }, world.deadline());
  EXPECT_FALSE(adopted) << "it claims to have kept what it could not write";
}

TEST(Session, AdoptStoresOnlyWhatWasAccepted) {
  World world;
  world.grant("RT1");
  auto refused = world.session.adopt(
      Secret("GIVEN"), {}, [](const PortalAccess&) { return Result<void>(fail(Errc::forbidden, "wrong account")); },
      world.deadline());
  EXPECT_EQ(refused.error().code, Errc::forbidden);
  EXPECT_TRUE(world.store.stored.empty());
  EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
  world.grant("RT2");
  ASSERT_TRUE(world.session.adopt(Secret("GIVEN"), {}, [](const PortalAccess&) { return Result<void>(); }, world.deadline()));
  EXPECT_EQ(world.store.stored, std::vector<std::string>{"RT2"});
}

TEST(Session, AnAnswerWithoutSuccessorKeepsTheOldToken) {
  World world;
  world.store.stored = {"RT0"};
  world.http.answer(200, fmt::format(R"({{"access_token":"{}","expires_in":4000}})", unsigned_jwt(kClaims)));
  auto access = world.session.refresh(world.deadline());
  ASSERT_TRUE(access);
  EXPECT_EQ(access->vault_version, "1");
  EXPECT_EQ(world.store.stored, std::vector<std::string>{"RT0"});
}

TEST(Session, AnAnswerWithoutSuccessorStoresTheEscrowsToken) {
  World world;
  world.store.stored = {"RT0"};
  world.store.writable = false;
  world.grant("RT1");
  ASSERT_TRUE(world.session.refresh(world.deadline())->not_stored);
  world.store.writable = true;
  world.http.answer(200, fmt::format(R"({{"access_token":"{}","expires_in":4000}})", unsigned_jwt(kClaims)));
  auto access = world.session.refresh(world.deadline());
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(world.store.stored, (std::vector<std::string>{"RT0", "RT1"}));
  EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
}

/// What Entra, or whoever answers for it, may say of another account; `service_account` as the profile names it.
struct Answer {
  const char* name;
  const char* service_account;
  std::string access, id;
  const char* said;      ///< in the refusal
  bool at_login = true;  ///< refused there, too: a login may hand the session to another account
};

std::string claims(const std::string& upn, const std::string& id, const std::string& tenant) {
  return fmt::format(R"({{"upn":"{}","oid":"{}","tid":"{}","scp":"x"}})", upn, id, tenant);
}

const std::vector<Answer>& wrong_answers() {
  static const std::vector<Answer> all{
      {"another account than the profile's", "svc@contoso.com", kAnothers, "", "mallory@contoso.com"},
      {"another account than the one recorded", "", kAnothers, "", "this session is svc@contoso.com's", false},
      {"the same name with another object id", "svc@contoso.com", claims("svc@contoso.com", "0009", kTenant), "", "0009",
       false},
      {"another tenant", "svc@contoso.com", claims("svc@contoso.com", "0001", "99999999-2222-3333-4444-555555555555"), "",
       "99999999"},
      {"no tenant", "svc@contoso.com", claims("svc@contoso.com", "0001", ""), "", "tenant"},
      {"no name where one is expected", "svc@contoso.com", claims("", "0001", kTenant), "", "svc@contoso.com"},
      {"nobody at all", "", R"({"tid":"11111111-2222-3333-4444-555555555555"})", "", "this session is svc@contoso.com's"},
      {"neither token says who", "", "", "", "neither"},
      {"an opaque access token and another's id token", "", "", kAnothers, "mallory@contoso.com", false},
      {"tokens that contradict each other", "", kClaims, kAnothers, "contradict"},
      {"tokens that contradict each other, the other way", "", kAnothers, kClaims, "contradict"},
  };
  return all;
}

TEST(Session, AnAnswerForAnotherAccountIsDroppedAndTheOldTokenKept) {
  for (const auto& wrong : wrong_answers()) {
    World world(wrong.service_account);
    world.store.stored = {"RT0"};
    world.store.tags = {{"portalkey-account", "svc@contoso.com"}, {"portalkey-account-id", "0001"}};
    world.grant("EVIL", wrong.access, wrong.id);
    const auto access = world.session.refresh(world.deadline());
    ASSERT_FALSE(access) << wrong.name;
    EXPECT_NE(access.error().what.find(wrong.said), std::string::npos) << wrong.name << ": " << access.error().what;
    EXPECT_NE(access.error().what.find("nothing was stored"), std::string::npos) << wrong.name;
    EXPECT_FALSE(access.error().remedy.empty()) << wrong.name;
    EXPECT_EQ(world.store.stored, std::vector<std::string>{"RT0"}) << wrong.name;
    EXPECT_FALSE(std::filesystem::exists(world.escrow_path)) << wrong.name;
    world.grant("RT1");
    EXPECT_TRUE(world.session.refresh(world.deadline())) << "the session is lost: " << wrong.name;
    EXPECT_EQ(world.redeemed(1), "RT0") << wrong.name;
  }
}

TEST(Session, AnIdTokenTellsWhereTheAccessTokenDoesNot) {
  World world("svc@contoso.com");
  world.store.stored = {"RT0"};
  world.grant("RT1", "",
              R"({"preferred_username":"SVC@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555"})");
  const auto access = world.session.refresh(world.deadline());
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_TRUE(access->claims.delegated);
  EXPECT_EQ(world.store.tags.at("portalkey-account-id"), "0001");
}

TEST(Session, ARenamedAccountIsTheSame) {
  World world;
  world.store.stored = {"RT0"};
  world.grant("RT1");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  world.grant("RT2", claims("portalkey@contoso.com", "0001", kTenant));
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  EXPECT_EQ(world.store.tags.at("portalkey-account"), "portalkey@contoso.com");
}

TEST(Session, AVaultThatNamesAnotherAccountMeanwhileIsNotBelieved) {
  World world;
  world.store.stored = {"RT0"};
  world.grant("RT1");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  world.store.stored.push_back("EVIL");
  world.store.tags = {{"portalkey-account", "mallory@contoso.com"}, {"portalkey-account-id", "0002"}};
  world.grant("EVIL2", kAnothers);
  EXPECT_EQ(world.session.refresh(world.deadline()).error().code, Errc::forbidden);
}

TEST(Session, AnEscrowOfAnotherAccountIsNotStoredAndTheVaultsTokenIsUsed) {
  for (const char* service_account : {"svc@contoso.com", ""}) {
    World world(service_account);
    world.store.stored = {"RT0"};
    world.store.tags = {{"portalkey-account", "svc@contoso.com"}, {"portalkey-account-id", "0001"}};
    ASSERT_TRUE(make_private_folder(world.folder / "state"));
    ASSERT_TRUE(Escrow(world.escrow_path, std::nullopt).save({Secret("EVIL"), "1", "svc@contoso.com", world.clock.now(), ""}));
    world.grant("EVIL2", kAnothers);
    world.grant("RT1");
    const auto access = world.session.refresh(world.deadline());
    ASSERT_TRUE(access) << access.error().what;
    EXPECT_EQ(world.redeemed(0), "EVIL");
    EXPECT_EQ(world.redeemed(1), "RT0");
    EXPECT_EQ(world.store.stored, (std::vector<std::string>{"RT0", "RT1"}));
    EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
  }
}

TEST(Session, ALoginOfAnotherAccountOrTenantStoresNothing) {
  for (const auto& wrong : wrong_answers()) {
    if (!wrong.at_login) continue;
    World world(wrong.service_account);
    world.store.stored = {"RT0"};
    world.grant("EVIL", wrong.access, wrong.id);
    const auto adopted =
        world.session.adopt(Secret("GIVEN"), {}, [](const PortalAccess&) { return Result<void>(); }, world.deadline());
    ASSERT_FALSE(adopted) << wrong.name;
    EXPECT_EQ(world.store.stored, std::vector<std::string>{"RT0"}) << wrong.name;
    EXPECT_FALSE(std::filesystem::exists(world.escrow_path)) << wrong.name;
  }
}

TEST(Session, TheTenantsIdIsAskedForBeforeAnythingIsRedeemed) {
  World world;
  TokenEndpoint by_domain(world.http, *find_cloud("global"), "contoso.com", world.clock, world.random);
  Session session({"default", "client", "resource", "RefreshToken", world.folder / "state", 10, ""}, by_domain, world.store,
                  Escrow(world.escrow_path, std::nullopt), world.clock);
  world.store.stored = {"RT0"};
  world.http.lose_answer();
  EXPECT_EQ(session.refresh(world.deadline()).error().code, Errc::unavailable);
  EXPECT_EQ(world.http.sent.size(), 1u) << "a token was redeemed although nobody knows which tenant's it must be";
  world.http.answer(200,
                    fmt::format(R"({{"token_endpoint":"https://login.microsoftonline.com/{}/oauth2/v2.0/token"}})", kTenant));
  world.grant("RT1");
  ASSERT_TRUE(session.refresh(world.deadline()));
  world.grant("RT2");
  ASSERT_TRUE(session.refresh(world.deadline())) << "the id is asked for once";
  world.grant("EVIL", claims("svc@contoso.com", "0001", "99999999-2222-3333-4444-555555555555"));
  EXPECT_EQ(session.refresh(world.deadline()).error().code, Errc::forbidden);
}

TEST(Session, WhatIsNoTokenIsNotSent) {
  for (const std::string& bad : {std::string("RT0\r\nHost: evil.example"), std::string("RT\n0"), std::string("RT 0"),
                                 std::string("RT0\0x", 5), std::string("{\"t\":\"RT0\"}"), std::string("RT\x7f"),
                                 std::string("RT\xc3\xa9"), std::string(), std::string(40'000, 'x')}) {
    World world;
    world.store.stored = {bad};
    const auto access = world.session.refresh(world.deadline());
    ASSERT_FALSE(access) << bad.size();
    EXPECT_EQ(access.error().code, Errc::needs_person);
    EXPECT_TRUE(world.http.sent.empty()) << "it was sent";
    const auto adopted =
        world.session.adopt(Secret(bad), {}, [](const PortalAccess&) { return Result<void>(); }, world.deadline());
    EXPECT_FALSE(adopted);
    EXPECT_TRUE(world.http.sent.empty());
  }
}

TEST(Session, WhatStandsAroundATokenInTheVaultIsTakenOff) {
  for (const char* held : {"RT0\n", "\r\nRT0", "\tRT0 ", "\"RT0\"", "'RT0'\n", "\xEF\xBB\xBFRT0\r\n"}) {
    World world;
    world.store.stored = {held};
    world.grant("RT1");
    ASSERT_TRUE(world.session.refresh(world.deadline())) << held;
    EXPECT_EQ(world.redeemed(0), "RT0");
    EXPECT_EQ(world.store.stored.back(), "RT1");
  }
}

TEST(Session, APageInEntrasPlaceIsNoRefusal) {
  World world;
  world.store.stored = {"RT0"};
  world.store.writable = false;
  world.grant("RT1");
  ASSERT_TRUE(world.session.refresh(world.deadline()));  // RT1 waits in the escrow, RT0 is second
  world.http.answer(403, "<html><title>Blocked</title>");
  EXPECT_EQ(world.session.refresh(world.deadline()).error().code, Errc::unavailable);
  EXPECT_EQ(world.http.sent.size(), 2U) << "the second token was tried, as if the first had been refused";
}

TEST(Session, VersionsBeyondTheNewestFewAreDisabledAndListedOnlyOnce) {
  World world;
  world.store.stored = {"RT0", "RT1", "RT2", "RT3"};  // by a tool that keeps no history
  auto settings = SessionSettings{"default", "client", "resource", "RefreshToken", world.folder / "state", 3, ""};
  for (int run = 1; run <= 3; ++run) {
    Session session(settings, world.endpoint, world.store, Escrow(world.escrow_path, std::nullopt), world.clock);
    world.grant(fmt::format("NEW{}", run));
    ASSERT_TRUE(session.refresh(world.deadline()));
    if (run == 1) EXPECT_EQ(world.store.disabled, (std::set<std::string>{"1", "2"}));
  }
  EXPECT_EQ(world.store.disabled, (std::set<std::string>{"1", "2", "3", "4"})) << "5, 6 and 7 are the newest three";
  EXPECT_EQ(world.store.listed, 1);
}

TEST(Session, AVersionThatCannotBeDisabledDoesNoHarm) {
  World world;
  world.store.stored = {"RT0", "RT1"};
  world.store.can_disable = false;
  Session session({"default", "client", "resource", "RefreshToken", world.folder / "state", 1, ""}, world.endpoint, world.store,
                  Escrow(world.escrow_path, std::nullopt), world.clock);
  world.grant("RT2");
  auto access = session.refresh(world.deadline());
  ASSERT_TRUE(access);
  EXPECT_EQ(access->vault_version, "3");
  EXPECT_FALSE(access->not_stored);
  EXPECT_FALSE(std::filesystem::exists(world.escrow_path));
}

TEST(Session, HowTheAccountSignedInOutlivesRotationsAndTheEscrow) {
  World world;
  world.grant(
      "RT1",
      R"({"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"x","amr":["pwd","mfa"]})");
  const SignInRecord how{world.clock.now(), "code", {}};
  ASSERT_TRUE(world.session.adopt(Secret("GIVEN"), how, [](const PortalAccess&) { return Result<void>(); }, world.deadline()));
  const SignInRecord kept{how.at, "code", {"pwd", "mfa"}};
  EXPECT_EQ(sign_in_in(world.store.tags, world.clock.now()), kept);
  world.grant("RT2");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  EXPECT_EQ(sign_in_in(world.store.tags, world.clock.now()), kept);
  world.store.writable = false;
  world.grant("RT3");
  EXPECT_EQ(world.session.refresh(world.deadline())->sign_in, kept);
  world.store.writable = true;
  world.store.tags.erase("portalkey-signed-in");
  world.grant("RT4");
  ASSERT_TRUE(world.session.refresh(world.deadline()));
  EXPECT_EQ(sign_in_in(world.store.tags, world.clock.now()).flow, "code") << "the escrow had it";
}

TEST(Session, ARefusalForItsAgeTeachesTheMfaAge) {
  World world;
  world.store.stored = {"RT0"};
  const auto now = world.clock.now();
  world.store.tags = {{"portalkey-signed-in", iso_time(now - std::chrono::days(35)) + " code"},
                      {"portalkey-rotated", iso_time(now - std::chrono::days(7))}};
  world.refuse(50076);
  EXPECT_FALSE(world.session.refresh(world.deadline()));
  EXPECT_FALSE(learnt_mfa_age(world.folder / "state")) << "that is not for its age";
  world.refuse(50078);
  EXPECT_FALSE(world.session.refresh(world.deadline()));
  const auto learnt = learnt_mfa_age(world.folder / "state");
  ASSERT_TRUE(learnt);
  EXPECT_EQ(learnt->worked, std::chrono::days(28));
  EXPECT_EQ(learnt->refused, std::chrono::days(35));
}

}  // namespace
}  // namespace portalkey::session_test
