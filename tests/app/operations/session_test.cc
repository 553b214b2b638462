#include "app/operations/session.h"

#include "app/json/session_json.h"
#include "tests/app/tenant_world.h"

namespace portalkey::session_test {
namespace {

TEST(RefreshSession, RedeemsAndStores) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  world.sign_in(tenant);
  world.grant();
  const auto session = refresh_session(tenant);
  ASSERT_TRUE(session) << session.error().what;
  EXPECT_EQ(session->account, "svc@contoso.com");
  EXPECT_EQ(session->stored.secret, "RefreshToken");
  EXPECT_TRUE(json_of(*session).starts_with(R"({"account":"svc@contoso.com","tenant":"11111111-)"));
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
  EXPECT_TRUE(json_of(*report).contains(R"("lastRotation":null)"));
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
  EXPECT_TRUE(json_of(*report).contains(R"("check":{"outcome":"refused")"));
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
