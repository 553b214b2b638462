#include "app/profile/profile_list.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/operations/profiles.h"
#include "tests/app/somebody.h"
#include "tests/temporary_folder.h"

namespace portalkey::profile_list_test {
namespace {

struct Configs {
  TemporaryFolder folder;
  Environment environment = environment_of({{"HOME", folder.path().string()}});
  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto file = folder / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    return file;
  }
};

TEST(ProfileList, IsInTheFilesOrder) {
  Configs configs;
  const auto file = configs.write(".config/portalkey/config.toml",
                                  "[profile.zeta]\ntenant = 'contoso.com'\n[profile.alpha]\ntenant = 'fabrikam.com'\n");
  const auto found = list_profiles({}, configs.environment);
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "zeta");
  EXPECT_EQ((*found)[1].name, "alpha");
  EXPECT_EQ((*found)[0].file, file);
}

TEST(ProfileList, IsEmptyWithoutAFile) {
  Configs configs;
  const auto found = list_profiles({}, configs.environment);
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_TRUE(found->empty());
}

TEST(ProfileList, AFileThatIsNamedMustBeThere) {
  Configs configs;
  ProfileChoice choice;
  choice.config = configs.folder / "missing.toml";
  EXPECT_EQ(list_profiles(choice, configs.environment).error().code, Errc::not_found);
}

TEST(ProfileList, AFileThatIsNoneIsNamedWithItsLine) {
  Configs configs;
  configs.write(".config/portalkey/config.toml", "\n[colour.red]\n");
  const auto found = list_profiles({}, configs.environment);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::invalid_input);
  EXPECT_EQ(found.error().context.back().second, "2");
}

TEST(Profiles, WhatIsWrongWithOneLeavesTheOthers) {
  Configs configs;
  configs.write(".config/portalkey/config.toml",
                "[profile.good]\ntenant = 'contoso.com'\n[profile.bad]\ntenant = 5\n[profile.also]\ntenant = 'fabrikam.com'\n");
  const auto found = look_at_profiles({}, configs.environment, true);
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].profile->tenant, "contoso.com");
  EXPECT_FALSE((*found)[0].problem) << (*found)[0].problem->what;
  EXPECT_FALSE((*found)[1].profile);
  EXPECT_TRUE((*found)[1].problem->what.contains("tenant must be text")) << (*found)[1].problem->what;
  EXPECT_EQ((*found)[2].profile->name, "also");
}

}  // namespace
}  // namespace portalkey::profile_list_test
