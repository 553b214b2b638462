#include "app/operations/sign_in.h"

#include "tests/app/tenant_world.h"

namespace portalkey::sign_in_test {
namespace {

constexpr const char* kGuest =
    R"({"upn":"x#EXT#@contoso.com","oid":"1","tid":"11111111-2222-3333-4444-555555555555","scp":"x"})";
constexpr const char* kAdministrator =
    R"({"upn":"svc@contoso.com","oid":"1","tid":"11111111-2222-3333-4444-555555555555","scp":"x","amr":["pwd"],)"
    R"("wids":["62e90394-69f5-4237-9190-012177145e10"]})";
constexpr const char* kNoRole =
    R"({"upn":"svc@contoso.com","oid":"1","tid":"11111111-2222-3333-4444-555555555555","scp":"x","wids":["other"]})";

struct World : TenantWorld {
  Tenant tenant{profile(), surroundings()};
  void expect_no_token_kept() { EXPECT_EQ(tenant.store().get("RefreshToken", soon(clock)).error().code, Errc::not_found); }
};

TEST(SignIn, StoresTheSuccessorOfATokenThatFits) {
  World world;
  const auto place = prepare_sign_in(world.tenant);
  ASSERT_TRUE(place) << place.error().what;
  EXPECT_EQ(place->opened_by, "") << "a file";
  world.grant(kAdministrator);
  world.http.answer(200, R"({"items":[]})");  // may it read tokens?
  const auto done = sign_in_with(world.tenant, *place, Secret("given"), false);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->account, "svc@contoso.com");
  EXPECT_EQ(done->roles, "Global Administrator");
  EXPECT_TRUE(done->without_mfa);
  EXPECT_EQ(done->previous_account, "");
  EXPECT_FALSE(done->not_stored);
  EXPECT_TRUE(world.tenant.store().get("RefreshToken", world.soon(world.clock)));
}

TEST(SignIn, AnAccountThatIsOfNoUseIsRefusedAndNothingIsStored) {
  for (const char* claims : {kGuest, kNoRole}) {
    World world;
    const auto place = prepare_sign_in(world.tenant);
    ASSERT_TRUE(place);
    world.grant(claims);
    const auto done = sign_in_with(world.tenant, *place, Secret("given"), false);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::forbidden);
    EXPECT_TRUE(done.error().what.ends_with("nothing was stored"));
    world.expect_no_token_kept();
  }
  World world;
  world.grant(kNoRole);
  EXPECT_TRUE(sign_in_with(world.tenant, *prepare_sign_in(world.tenant), Secret("given"), true)) << "any role will do";
}

TEST(SignIn, WhatIsNoTokenIsNotSent) {
  World world;
  const auto done = sign_in_with(world.tenant, {}, Secret("two words"), false);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::invalid_input);
  EXPECT_TRUE(world.http.sent.empty());
}

TEST(SignIn, APersonIsShownTheCodeForTheServiceAccount) {
  World world;
  world.http.answer(200, R"({"user_code":"ABC","device_code":"d","verification_uri":"https://microsoft.com/devicelogin",)"
                         R"("expires_in":900,"interval":5})");
  world.http.answer(400, R"({"error":"authorization_declined"})");
  const auto done = sign_in(world.tenant, *prepare_sign_in(world.tenant), {.device_code = true});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::needs_person);
  EXPECT_EQ(world.person.seen, std::vector<std::string>{"device code ABC for the service account"});
}

}  // namespace
}  // namespace portalkey::sign_in_test
