#include "app/operations/activate_tokens.h"

#include "otp/base32.h"
#include "otp/totp.h"
#include "tests/app/jobs_world.h"

namespace portalkey::activate_tokens_test {
namespace {

using State = TokenOutcome::State;
using States = std::vector<State>;

constexpr const char* kKey = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ";  // JobsWorld::row(1)'s

/// Token 1 is in the tenant, not active.
struct ActivateTokens : testing::Test, JobsWorld {
  ActivateTokens() { portal.tokens.push_back({"T0001", "user1@contoso.com", kKey, "oath-1", 30, false}); }
  std::string code() { return totp(*decode_base32(kKey), portal.now(), std::chrono::seconds(30)); }
};

TEST_F(ActivateTokens, FromTheirSeedFileThoseAskedForOnly) {
  SeedActivation wanted;
  wanted.seeds.file = seeds({row(1), row(2)});
  wanted.serials = {"t0001", "T0009"};
  const auto done = activate_from_seeds(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::rejected}));
  EXPECT_EQ(done->tokens[1].serial, "T0009");
  EXPECT_EQ(done->tokens[1].remedy, "See [[validate|FILE]]");
  EXPECT_EQ(person.seen, std::vector<std::string>{"warning: t0001 is taken for T0001, as the file writes it"});
  EXPECT_EQ(portal.uploads, 0);
}

TEST_F(ActivateTokens, ATokenThatTheTenantDoesNotHaveFails) {
  SeedActivation wanted;
  wanted.seeds.file = seeds({row(2)});
  const auto done = activate_from_seeds(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::failed});
  EXPECT_EQ(done->tokens[0].code, OutcomeCode::not_in_tenant);
  EXPECT_FALSE(done->kept) << "nothing was sent";
}

TEST_F(ActivateTokens, WithTheCodeThatTheDeviceShows) {
  const auto done = activate_with_code(tenant, {"T0001", code()});
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->state, State::active);
  EXPECT_EQ(done->upn, "user1@contoso.com");
  EXPECT_EQ(activate_with_code(tenant, {"T0001", "000000"})->state, State::already_active);
  EXPECT_EQ(portal.codes.size(), 1u);
}

TEST_F(ActivateTokens, ACodeThatIsRefusedIsTheTokensFailure) {
  const auto done = activate_with_code(tenant, {"T0001", code() == "000000" ? "000001" : "000000"});
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->state, State::failed);
  EXPECT_TRUE(done->reason.starts_with("the code was refused: ")) << done->reason;
}

TEST_F(ActivateTokens, ADryRunSendsNoCode) {
  EXPECT_EQ(activate_with_code(tenant, {"T0001", "000000", true})->state, State::would_do);
  EXPECT_TRUE(portal.codes.empty());
}

TEST_F(ActivateTokens, ASerialNumberThatIsNotThereIsAnError) {
  const auto done = activate_with_code(tenant, {"T0777", "000000"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::not_found);
  EXPECT_EQ(done.error().remedy, "See [[list-tokens]].");
}

TEST_F(ActivateTokens, WithTheDevicesCodesAndItsSeedForTheDevicesTime) {
  constexpr std::chrono::seconds kStep{30}, kBehind{-3 * 3600};
  const auto shown = [&](int later) { return totp(*decode_base32(kKey), portal.now() + kBehind + later * kStep, kStep); };
  portal.window = std::chrono::hours(24);
  portal.offset = std::chrono::minutes(7);  // this machine's clock is wrong, the server's counts
  SeedActivation wanted;
  wanted.seeds.file = seeds({row(1), row(2)});
  wanted.serials = {"T0001"};
  wanted.codes = {shown(-1), shown(0)};
  const auto done = activate_from_seeds(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::active}) << done->tokens[0].reason;
  EXPECT_EQ(portal.learnt.at("T0001"), kBehind);
  for (const auto& code : portal.codes) EXPECT_FALSE(code == shown(-1)) << "what was typed is not what is sent";
}

TEST_F(ActivateTokens, CodesThatTellNoClockAreAnErrorAndNothingIsSent) {
  SeedActivation wanted;
  wanted.seeds.file = seeds({row(1), row(2)});
  wanted.serials = {"T0001"};
  const std::string good = code();
  wanted.codes = {good, good};
  const auto same = activate_from_seeds(tenant, wanted);
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, Errc::invalid_input);
  EXPECT_TRUE(same.error().what.contains("the same code twice")) << same.error().what;
  EXPECT_FALSE(same.error().what.contains(good));
  EXPECT_TRUE(portal.codes.empty());
}

}  // namespace
}  // namespace portalkey::activate_tokens_test
