#include "app/operations/session.h"

#include "app/json/session_json.h"
#include "base/time_text.h"
#include "tests/app/tenant_world.h"

namespace portalkey::session_test {
namespace {

const Words kWords = [](std::string_view text) { return std::string(text); };

TEST(RefreshSession, RedeemsAndStores) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  world.sign_in(tenant);
  world.grant();
  const auto session = refresh_session(tenant, kWords);
  ASSERT_TRUE(session) << session.error().what;
  EXPECT_EQ(session->account, "svc@contoso.com");
  EXPECT_EQ(session->stored.secret, "RefreshToken");
  EXPECT_TRUE(json_of(*session, kWords).starts_with(R"({"account":"svc@contoso.com","tenant":"11111111-)"));
}

/// The session's token, as if it had been rotated and signed in so long ago.
void stored_before(TenantWorld& world, Tenant& tenant, std::chrono::days rotated, std::chrono::days signed_in) {
  SecretAttributes attributes;
  attributes.tags = {{"portalkey-account", "svc@contoso.com"},
                     {"portalkey-rotated", iso_time(world.clock.now() - rotated)},
                     {"portalkey-signed-in", iso_time(world.clock.now() - signed_in) + " code"}};
  ASSERT_TRUE(tenant.store().put("RefreshToken", Secret("RT0"), attributes, TenantWorld::soon(world.clock)));
}

TEST(RefreshSession, WarnsOfWhatWillEndIt) {
  TenantWorld world;
  auto profile = world.profile();
  profile.mfa_age = std::chrono::days(30);
  Tenant tenant(profile, world.surroundings());
  stored_before(world, tenant, std::chrono::days(80), std::chrono::days(28));
  world.grant();
  const auto session = refresh_session(tenant, kWords);
  ASSERT_TRUE(session) << session.error().what;
  ASSERT_EQ(session->warnings.size(), 2u);
  EXPECT_EQ(session->warnings[0].cause, "idle");
  EXPECT_EQ(session->warnings[0].days_left, std::chrono::days(10)) << "those left before this run";
  EXPECT_EQ(session->warnings[1].cause, "mfa-age");
  EXPECT_EQ(session->warnings[1].days_left, std::chrono::days(2));
  EXPECT_TRUE(json_of(*session, kWords).contains(R"("warnings":[{"cause":"idle")"));
  world.grant();
  EXPECT_EQ(refresh_session(tenant, kWords)->warnings.size(), 1u)
      << "the sign-in's record is lost, or the idle clock was not wound";
}

TEST(SessionHealth, JudgesByTheVaultAlone) {
  struct Row {
    int rotated, signed_in;
    Health health;
    const char* words;
  };
  for (const auto& row :
       {Row{1, 1, Health::good, "89 of 90 idle days left"}, Row{9, 9, Health::needs_attention, "longer than 8 days"},
        Row{90, 1, Health::needs_person, "90 days"}, Row{1, 31, Health::needs_person, "MFA afresh after 30"}}) {
    TenantWorld world;
    auto profile = world.profile();
    profile.mfa_age = std::chrono::days(30);
    Tenant tenant(profile, world.surroundings());
    stored_before(world, tenant, std::chrono::days(row.rotated), std::chrono::days(row.signed_in));
    const auto found = session_health(tenant, std::chrono::days(8));
    EXPECT_EQ(found.health, row.health) << found.what;
    EXPECT_TRUE(found.what.contains(row.words)) << found.what;
    EXPECT_TRUE(world.http.sent.empty());
  }
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  EXPECT_EQ(session_health(tenant, std::chrono::days(8)).health, Health::needs_person) << "nobody has signed in";
}

TEST(LookAtSession, ReadsTheVaultAndRedeemsNothing) {
  TenantWorld world;
  auto profile = world.profile();
  profile.service_account = "other@contoso.com";
  Tenant tenant(profile, world.surroundings());
  EXPECT_EQ(look_at_session(tenant, false).error().code, Errc::needs_person);
  world.sign_in(tenant);
  const auto report = look_at_session(tenant, false);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->asked);
  EXPECT_FALSE(report->status.days_left);
  EXPECT_EQ(report->expected_account, "") << "it is not known whose it is";
  EXPECT_TRUE(json_of(*report, kWords).contains(R"("lastRotation":null)"));
  EXPECT_TRUE(world.http.sent.empty());
}

TEST(LookAtSession, TellsWhatEntraSaidAgainstIt) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  world.sign_in(tenant);
  world.http.answer(400, R"({"error":"invalid_grant","error_codes":[50076],"error_description":"AADSTS50076: no"})");
  const auto report = look_at_session(tenant, true);
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->asked);
  EXPECT_EQ(report->asked->outcome, "refused");
  ASSERT_TRUE(report->asked->error);
  EXPECT_EQ(report->asked->error->code, Errc::needs_person);
  EXPECT_TRUE(json_of(*report, kWords).contains(R"("check":{"outcome":"refused")"));
}

TEST(SessionAccessToken, IsEntrasAnswer) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  world.sign_in(tenant);
  world.grant();
  const auto token = session_access_token(tenant);
  ASSERT_TRUE(token);
  EXPECT_TRUE(token->reveal([](std::string_view text) { return text.starts_with("eyJ"); }));
}

}  // namespace
}  // namespace portalkey::session_test
