#include "app/operations/session_reset.h"

#include "tests/app/tenant_world.h"

namespace portalkey::session_reset_test {
namespace {

struct World : TenantWorld {
  Tenant signed_in{profile(), surroundings()};
  Tenant other{profile(), {person, environment_of({{"PORTALKEY_PASSPHRASE", "quite another passphrase"}}), {}, &http, &clock}};
  World() { sign_in(signed_in); }
};

TEST(SessionReset, LeavesWhatThePassphraseOpens) {
  World world;
  const auto reset = SessionReset::look(world.signed_in);
  ASSERT_TRUE(reset) << reset.error().what;
  EXPECT_TRUE(reset->unopened().empty());
}

TEST(SessionReset, LooksFirstThenSetsAsideAndDeletesNothing) {
  World world;
  const auto vault = world.profile().vault.path;
  auto reset = SessionReset::look(world.other);
  ASSERT_TRUE(reset) << reset.error().what;
  ASSERT_EQ(reset->unopened().size(), 1u);
  EXPECT_EQ(reset->unopened()[0].path, vault);
  EXPECT_TRUE(std::filesystem::exists(vault)) << "only looked at";
  const auto done = reset->set_aside();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_FALSE(std::filesystem::exists(vault));
  ASSERT_EQ(done->aside.size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(done->aside[0]));
  EXPECT_EQ(done->next, SessionSetAside::Next::sign_in);
  EXPECT_TRUE(done->stranded.empty());
}

TEST(SessionReset, AnAzureKeyVaultHasNoPassphraseToLose) {
  TenantWorld world;
  auto profile = world.profile();
  profile.vault.type = VaultProfile::Type::key_vault;
  profile.vault.url = Url("https://contoso.vault.azure.net");
  Tenant tenant(profile, world.surroundings());
  EXPECT_EQ(SessionReset::look(tenant).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey::session_reset_test
