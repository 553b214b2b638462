#include "app/operations/set_up.h"

#include <fstream>

#include "tests/app/somebody.h"
#include "tests/emulated_cloud.h"
#include "tests/temporary_folder.h"

namespace portalkey::set_up_test {
namespace {

/// An empty subscription, and an administrator who signs in with a device code.
class SettingUp : public testing::Test {
 protected:
  static sandbox::SandboxOptions empty_subscription() {
    sandbox::SandboxOptions options;
    options.auto_approve = true;
    options.empty_subscription = true;
    options.arm_polls = 0;
    return options;
  }
  SettingUp() {
    choice.config = folder / "config" / "config.toml";
    choice.credential = CredentialType::device_code;
    wishes.location = "westeurope";
    person.there = true;
  }
  std::unique_ptr<portalkey::Setup> open() {
    auto setup =
        Setup::open(wishes, choice, {person, environment_of({{"HOME", folder.path().string()}}), {}, &cloud, &cloud.clock});
    EXPECT_TRUE(setup) << setup.error().what;
    return setup ? std::move(*setup) : nullptr;
  }
  Result<AppliedSetup> apply() {
    return apply_setup(*open(), [this](std::string_view what) { said.emplace_back(what); });
  }
  std::string text_of(const std::filesystem::path& file) const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool made_anything() {
    const auto setup = open();
    return std::filesystem::exists(setup->config()) || std::filesystem::exists(setup->record_file());
  }

  TemporaryFolder folder;
  EmulatedCloud cloud{empty_subscription()};
  Somebody person;
  ProfileChoice choice;
  SetupWishes wishes;
  std::vector<std::string> said;
};

TEST_F(SettingUp, APlanChangesNothing) {
  const auto planned = plan_setup(*open());
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_GT(planned->plan.changes(), 3u);
  EXPECT_EQ(planned->plan.blocked(), 0u);
  EXPECT_EQ(planned->profile.state(), "create");
  EXPECT_EQ(planned->changes(), planned->plan.changes() + 1);
  EXPECT_FALSE(made_anything());
  EXPECT_EQ(plan_setup(*open())->changes(), planned->changes());
}

TEST_F(SettingUp, WhatIsAppliedIsThereAndIsNotMadeAgain) {
  const auto applied = apply();
  ASSERT_TRUE(applied) << applied.error().what;
  EXPECT_GT(applied->changes(), 3u);
  EXPECT_TRUE(applied->vault_url.starts_with("https://")) << applied->vault_url;
  EXPECT_EQ(applied->tenant, cloud.tenant());
  EXPECT_TRUE(applied->consent.empty());
  EXPECT_FALSE(said.empty());
  EXPECT_NE(text_of(choice.config).find(applied->client_id), std::string::npos) << "the profile is written";
  EXPECT_TRUE(std::filesystem::exists(applied->credential_file));
  EXPECT_EQ(text_of(choice.config).find(text_of(applied->credential_file)), std::string::npos);

  const auto again = apply();
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->changes(), 0u);
  EXPECT_EQ(again->client_id, applied->client_id);
  EXPECT_EQ(plan_setup(*open())->changes(), 0u);
}

TEST_F(SettingUp, WhoDoesNotAgreeKeepsAll) {
  ASSERT_TRUE(apply());
  SetupRemoval wanted;
  wanted.agree = [](const DestroyPlan& plan) -> Result<void> {
    EXPECT_FALSE(plan.removals.empty());
    return fail(Errc::cancelled, "no");
  };
  wanted.removing = [](const Removal& one) { ADD_FAILURE() << one.what; };
  EXPECT_EQ(destroy_setup(*open(), wanted).error().code, Errc::cancelled);
  EXPECT_EQ(plan_setup(*open())->changes(), 0u);
}

TEST_F(SettingUp, WhatWasMadeGoesAndTheProfileStays) {
  const auto applied = apply();
  ASSERT_TRUE(applied) << applied.error().what;
  std::size_t told = 0;
  SetupRemoval wanted;
  wanted.removing = [&](const Removal&) { ++told; };
  const auto destroyed = destroy_setup(*open(), wanted);
  ASSERT_TRUE(destroyed) << destroyed.error().what;
  EXPECT_GE(destroyed->plan.removals.size(), 2u);
  EXPECT_EQ(told, destroyed->plan.removals.size());
  EXPECT_FALSE(std::filesystem::exists(applied->credential_file));
  EXPECT_FALSE(std::filesystem::exists(open()->record_file()));
  EXPECT_TRUE(std::filesystem::exists(choice.config));
  EXPECT_TRUE(destroy_setup(*open(), {})->plan.removals.empty());
}

TEST_F(SettingUp, TemplatesAreMadeWithoutAskingAzure) {
  const auto exported = export_setup(*open(), {.bicep = folder / "bicep", .arm = folder / "arm"});
  ASSERT_TRUE(exported) << exported.error().what;
  EXPECT_GE(exported->files.size(), 6u);
  for (const auto& file : exported->files) EXPECT_FALSE(text_of(file).empty()) << file;
  EXPECT_EQ(cloud.sent, 0);
}

TEST_F(SettingUp, AWishThatCannotBeIsNamedAsItsSetting) {
  wishes.tenant = "not a tenant";
  const Surroundings around{person, environment_of({{"HOME", folder.path().string()}}), {}, &cloud, &cloud.clock};
  const auto bad_tenant = portalkey::Setup::open(wishes, choice, around);
  ASSERT_FALSE(bad_tenant);
  EXPECT_TRUE(bad_tenant.error().what.starts_with("[[setting|tenant]]")) << bad_tenant.error().what;
  wishes.tenant.clear();
  wishes.tags = {"no value"};
  EXPECT_EQ(portalkey::Setup::open(wishes, choice, around).error().remedy, "Write [[setting|tags|NAME=VALUE]].");
  EXPECT_EQ(cloud.sent, 0);
}

}  // namespace
}  // namespace portalkey::set_up_test
