#include "entra/credentials/azure_cli_credential.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace portalkey::azure_cli_credential_test {
namespace {

using namespace std::chrono_literals;

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  std::vector<std::vector<std::string>> ran;
  ProgramRun next;
  std::optional<Error> problem;
  std::unique_ptr<Credential> credential(const std::string& tenant = "contoso.com") {
    return make_azure_cli_credential(
        [this](const std::vector<std::string>& command, const ProgramLimits& limits, std::stop_token) -> Result<ProgramRun> {
          ran.push_back(command);
          EXPECT_GT(limits.time.count(), 0);
          if (problem) return std::unexpected(*problem);
          return ProgramRun{next.exit_code, next.output.clone(), next.complaints};
        },
        tenant, clock);
  }
  Result<Secret> ask() { return credential()->access_token("https://vault.azure.net", Deadline::in(20min, clock)); }
};

TEST(AzureCli, AsksForTheResourceAndTenant) {
  World world;
  world.next.output =
      Secret(R"({"accessToken":"AT","expiresOn":"2026-01-01 01:00:00.000000","expires_on":1767229200,"tokenType":"Bearer"})");
  auto token = world.ask();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->reveal([](std::string_view bare) { return std::string(bare); }), "AT");
  EXPECT_EQ(world.ran[0], (std::vector<std::string>{"az", "account", "get-access-token", "--resource",
                                                    "https://vault.azure.net", "--output", "json", "--tenant", "contoso.com"}));
}

TEST(AzureCli, WhatIsNoTokenIsNotTaken) {
  for (const char* said : {R"({"accessToken":"AT\r\nX-Evil: 1"})", R"({"accessToken":"A T"})", R"({"accessToken":""})", "{}"}) {
    World world;
    world.next.output = Secret(said);
    const auto token = world.ask();
    ASSERT_FALSE(token) << said;
    EXPECT_EQ(token.error().code, Errc::unavailable);
  }
}

TEST(AzureCli, AnOlderOneTellsTheEndInLocalTime) {
  ::setenv("TZ", "Europe/Berlin", 1);
  ::tzset();
  World world;
  world.next.output = Secret(R"({"accessToken":"AT","expiresOn":"2026-01-01 02:00:00.000000"})");  // in an hour
  auto credential = world.credential();
  const auto ask = [&] { return credential->access_token("r", Deadline::in(1min, world.clock)); };
  ASSERT_TRUE(ask());
  world.clock.advance(54min);
  ASSERT_TRUE(ask());
  EXPECT_EQ(world.ran.size(), 1u);
  world.clock.advance(2min);
  ASSERT_TRUE(ask());
  EXPECT_EQ(world.ran.size(), 2u);
  ::unsetenv("TZ");
  ::tzset();
}

TEST(AzureCli, FailuresAreToldApart) {
  const struct {
    int exit_code;
    const char* complaint;
    Errc code;
    const char* words;
  } rows[] = {
      {1, "ERROR: Please run 'az login' to setup account.", Errc::needs_person, "nobody is signed in"},
      {1, "ERROR: AADSTS700082: The refresh token has expired due to inactivity.", Errc::needs_person, "AADSTS700082"},
      {1, "ERROR: AADSTS50076: ...", Errc::needs_person, "AADSTS50076"},
      {1, "Traceback (most recent call last)", Errc::unavailable, "exit code 1"},
      {127, "/usr/bin/env: python3: No such file", Errc::not_found, "cannot be started"},
  };
  for (const auto& row : rows) {
    World world;
    world.next.exit_code = row.exit_code;
    world.next.complaints = row.complaint;
    auto token = world.ask();
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, row.code) << row.complaint;
    EXPECT_NE(token.error().what.find(row.words), std::string::npos) << token.error().what;
    EXPECT_FALSE(token.error().remedy.empty());
    if (row.code == Errc::needs_person) {
      EXPECT_NE(token.error().remedy.find("az login --tenant contoso.com"), std::string::npos);
    }
  }
  World world;
  world.problem = Error{Errc::not_found, "cannot be started", "", {}};
  EXPECT_NE(world.ask().error().what.find("not installed"), std::string::npos);
  world.problem.reset();
  for (const char* output : {"", "[]", "{}", "not JSON"}) {
    world.next.output = Secret(output);
    EXPECT_EQ(world.ask().error().code, Errc::unavailable) << output;
  }
}

TEST(AzureCli, AClaimsChallengeNeedsAPerson) {
  World world;
  world.next.output = Secret(R"({"accessToken":"AT","expires_on":1767229200})");
  auto credential = world.credential();
  const Secret token = std::move(*credential->access_token("r", Deadline::in(1min, world.clock)));
  auto renewed = credential->answer_challenge("r", token, "{}", Deadline::in(1min, world.clock));
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().code, Errc::needs_person);
  EXPECT_EQ(world.ran.size(), 1u);
}

}  // namespace
}  // namespace portalkey::azure_cli_credential_test
