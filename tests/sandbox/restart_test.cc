#include "sandbox/world/state_json.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class Restart : public SandboxTest {
 protected:
  void restart() {
    auto made = Emulator::make(usual(), clock, emulator->saved());
    ASSERT_TRUE(made) << made.error().what;
    emulator.emplace(std::move(*made));
  }
};

TEST_F(Restart, KeepsTokensSecretsAndSessions) {
  const auto signed_in = sign_in(kPortalApp);
  const auto access = *string_member(signed_in, "access_token");
  const auto vault_token = app_token("https://vault.azure.net");
  const auto url = std::string(kVault) + "/secrets/RefreshToken?api-version=7.4";
  const auto before = send("PUT", url, bearer(vault_token),
                           R"({"value":"v","tags":{"a":"b"},"contentType":"t","attributes":{"exp":1774915200}})");
  ASSERT_EQ(before.status, 200);
  admin("POST", "/tokens", R"({"upn":"Helga@contoso.com","serialNumber":"007","secretKey":"2234567A"})");
  admin("POST", "/users", R"({"upn":"bob@contoso.com","disabled":true,"roles":["Global Reader"]})");
  admin("POST", "/clock", R"({"offsetSeconds":60})");
  policy(R"({"requireMfa":true})");
  const auto tenant_before = tenant();
  const auto saved = emulator->saved();

  restart();
  EXPECT_EQ(tenant(), tenant_before);
  EXPECT_EQ(send("GET", url, bearer(vault_token)).body, before.body);
  EXPECT_EQ(portal("GET", "/AccountSkus", access).status, 200) << "the signing key is the same";
  EXPECT_NE(admin("GET", "/tokens").body.find("007"), std::string::npos);
  EXPECT_NE(admin("GET", "/users").body.find("Global Reader"), std::string::npos);
  EXPECT_EQ(int_member(object_of(admin("GET", "/clock")), "offsetSeconds"), 60);
  EXPECT_EQ(bool_member(object_of(admin("GET", "/policy")), "requireMfa"), true);
  const auto refreshed = post_form(std::string(kLogin) + "/contoso.com/oauth2/token",
                                   "grant_type=refresh_token&client_id=" + std::string(kAzurePowerShell) +
                                       "&refresh_token=" + *string_member(signed_in, "refresh_token"));
  EXPECT_EQ(refreshed.status, 200) << refreshed.body;
}

TEST_F(Restart, SavingWhatWasLoadedChangesNothing) {
  sign_in(kPortalApp);
  admin("POST", "/tokens", R"({"upn":"Helga@contoso.com","serialNumber":"007","secretKey":"2234567A"})");
  const auto saved = emulator->saved();
  auto loaded = state_from_json(saved);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*parse_json(state_to_json(*loaded)), *parse_json(saved));
}

TEST_F(Restart, IdsOfALaterRunAreNew) {
  const auto vault_token = app_token("https://vault.azure.net");
  const auto put = [&] {
    return text_at(send("PUT", std::string(kVault) + "/secrets/x?api-version=7.4", bearer(vault_token), R"({"value":"v"})"),
                   "id");
  };
  const auto first = put();
  restart();
  EXPECT_NE(put(), first);
}

TEST_F(Restart, RefreshTokensThemselvesAreNotSaved) {
  const auto token = *string_member(sign_in(kPortalApp), "refresh_token");
  EXPECT_EQ(emulator->saved().find(token), std::string::npos);
}

TEST_F(Restart, ChangesAreNoticed) {
  emulator->take_changed();
  send("GET", std::string(kLogin) + "/common/discovery/keys");
  EXPECT_FALSE(emulator->take_changed());
  sign_in(kPortalApp);
  EXPECT_TRUE(emulator->take_changed());
  EXPECT_FALSE(emulator->take_changed());
}

TEST_F(Restart, DamagedStateIsNotOverwrittenSilently) {
  for (const std::string text : {"{", "[]", "{}", R"({"format":99})"}) {
    const auto made = Emulator::make(usual(), clock, text);
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().code, Errc::corrupt);
  }
}

TEST_F(Restart, SeedDecidesTheTenant) {
  SandboxOptions options;
  const auto one = fresh_state(options);
  EXPECT_EQ(fresh_state(options).tenant_id, one.tenant_id);
  EXPECT_NE(own_app(emulator->world()).passwords.front().secret,
            fresh_state(options).apps.begin()->second.passwords.front().secret)
      << "the secret is not from the seed";
  options.seed = 2;
  EXPECT_NE(fresh_state(options).tenant_id, one.tenant_id);
}

}  // namespace
}  // namespace portalkey::sandbox
