#include "app/operations/alert.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/files.h"
#include "tests/app/tenant_world.h"

namespace portalkey::alert_test {
namespace {

const Words kWords = [](std::string_view text) { return "<" + std::string(text) + ">"; };
const Alert kRefused{"sign-in-needed", "AADSTS1", "Entra refused", "[[sign-in]]", std::nullopt};

struct Told {
  explicit Told(TenantWorld& world) : file(world.folder / "told") {
    const auto script = world.folder / "tell";
    EXPECT_TRUE(write_file_atomically(
        script, "#!/bin/sh\nprintf '%s|' \"$@\" >>'" + file.string() + "'\necho >>'" + file.string() + "'\n"));
    std::filesystem::permissions(script, std::filesystem::perms(0700));
    command = {script.string(), "us"};
  }
  std::string text() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path file;
  std::vector<std::string> command;
};

Profile with_state(TenantWorld& world) {
  auto profile = world.profile();
  EXPECT_TRUE(make_private_folder(profile.state_folder));
  return profile;
}

TEST(Alert, TellsTheCommandOncePerCause) {
  TenantWorld world;
  const Told told(world);
  auto profile = with_state(world);
  profile.alert.command = told.command;
  Tenant tenant(profile, world.surroundings());
  const std::string once =
      "us|sign-in-needed|portalkey, profile default (svc@contoso.com): Entra refused. What to do: <[[sign-in]]>|\n";
  alert(tenant, "svc@contoso.com", {kRefused}, kWords);
  alert(tenant, "svc@contoso.com", {kRefused}, kWords);
  EXPECT_EQ(told.text(), once);
  alert(tenant, "svc@contoso.com", {}, kWords);
  EXPECT_FALSE(std::filesystem::exists(profile.state_folder / "alerts.json")) << "it is settled";
  alert(tenant, "svc@contoso.com", {kRefused}, kWords);
  EXPECT_EQ(told.text(), once + once);
  EXPECT_TRUE(world.person.seen.empty());
}

TEST(Alert, TheWebhookGetsJsonAndNoToken) {
  TenantWorld world;
  auto profile = with_state(world);
  profile.alert.webhook = Url("https://hooks.example/services/secret");
  Tenant tenant(profile, world.surroundings());
  world.http.answer(200, "ok");
  alert(tenant, "svc@contoso.com", {{"mfa-age", "2026", "28 days", "sign in", std::chrono::days(2)}}, kWords);
  ASSERT_EQ(world.http.sent.size(), 1u);
  const auto& sent = world.http.sent[0];
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://hooks.example/services/secret");
  EXPECT_TRUE(sent.bearer.empty());
  EXPECT_TRUE(sent.body.contains(R"("cause":"mfa-age")")) << sent.body;
  EXPECT_TRUE(sent.body.contains(R"("daysLeft":2)"));
}

TEST(Alert, WhatWasNotDeliveredIsWarnedOfAndToldAgain) {
  TenantWorld world;
  auto profile = with_state(world);
  profile.alert.webhook = Url("https://hooks.example/services/secret");
  Tenant tenant(profile, world.surroundings());
  world.http.answer(410, "gone");
  alert(tenant, {}, {kRefused}, kWords);
  ASSERT_EQ(world.person.seen.size(), 1u);
  EXPECT_TRUE(world.person.seen[0].contains("the alert webhook answered 410")) << world.person.seen[0];
  EXPECT_FALSE(world.person.seen[0].contains("services/secret"));
  world.http.answer(200, "");
  alert(tenant, {}, {kRefused}, kWords);
  alert(tenant, {}, {kRefused}, kWords);
  EXPECT_EQ(world.http.sent.size(), 2u);
}

TEST(Alert, ARecordThatIsNoneIsOneOfNothing) {
  TenantWorld world;
  const Told told(world);
  auto profile = with_state(world);
  profile.alert.command = told.command;
  ASSERT_TRUE(write_file_atomically(profile.state_folder / "alerts.json", "[1]"));
  Tenant tenant(profile, world.surroundings());
  alert(tenant, {}, {kRefused}, kWords);
  EXPECT_FALSE(told.text().empty());
}

}  // namespace
}  // namespace portalkey::alert_test
