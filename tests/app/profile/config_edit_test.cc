#include "app/profile/config_edit.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "tests/temporary_folder.h"

namespace portalkey::config_edit_test {
namespace {

ProfileText wanted() {
  return {"default",
          {{"tenant", "t"}},
          {{"type", "client_secret"}, {"client_id", "a"}, {"client_secret_file", "default-client-secret"}},
          {{"type", "key_vault"}, {"url", "https://v.vault.azure.net"}, {"secret_name", "RefreshToken"}}};
}

constexpr const char* kTables =
    "[profile.default.credential]\ntype = \"client_secret\"\nclient_id = \"a\"\nclient_secret_file = "
    "\"default-client-secret\"\n\n"
    "[profile.default.vault]\ntype = \"key_vault\"\nurl = \"https://v.vault.azure.net\"\nsecret_name = \"RefreshToken\"\n";

TEST(ConfigEdit, AnEmptyFileGetsTheProfileAndASecondTimeNothing) {
  auto once = with_profile("", wanted());
  ASSERT_TRUE(once) << once.error().what;
  EXPECT_EQ(*once, std::string("[profile.default]\ntenant = \"t\"\n\n") + kTables);
  EXPECT_EQ(with_profile(*once, wanted()), *once);
}

TEST(ConfigEdit, OtherProfilesCommentsAndSettingsStay) {
  auto text = with_profile(
      "# mine\n[profile.other]\ntenant = \"x\" # theirs\n\n[profile.default]\n# who\nservice_account = \"a@b\"\ntenant = "
      "\"old\"\n\n"
      "[profile.default.limits]\nactivations = 5\n[profile.default.vault]\ntype = \"file\"\npath = \"p\"\n# end\n",
      wanted());
  ASSERT_TRUE(text) << text.error().what;
  for (const char* kept :
       {"# mine\n[profile.other]\ntenant = \"x\" # theirs\n", "# who\nservice_account = \"a@b\"\ntenant = \"t\"\n",
        "[profile.default.limits]\nactivations = 5\n", "# end\n"}) {
    EXPECT_NE(text->find(kept), std::string::npos) << kept << "\nin\n" << *text;
  }
  EXPECT_EQ(text->find("path"), std::string::npos) << "a setting of the vault that was before";
  EXPECT_EQ(with_profile(*text, wanted()), *text);
}

TEST(ConfigEdit, SettingsThatSetupDoesNotWriteStayUnlessTheyAreOfAnotherType) {
  auto text = with_profile(
      "[profile.default.credential]\ntype = \"workload_identity\"\ntenant = \"home\"\nfederated_token_file = \"f\"\n"
      "[profile.default.vault]\ntype = \"file\"\npath = \"p\"\nkeep_versions = 7 # mine\n",
      wanted());
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_NE(text->find("tenant = \"home\"\n"), std::string::npos) << *text;
  EXPECT_NE(text->find("keep_versions = 7 # mine\n"), std::string::npos) << *text;
  EXPECT_EQ(text->find("federated_token_file"), std::string::npos) << *text;
  EXPECT_EQ(text->find("path"), std::string::npos) << *text;
  EXPECT_EQ(with_profile(*text, wanted()), *text);
}

TEST(ConfigEdit, ATableThatOnlyItsChildrenImplyGetsItsOwn) {
  auto text = with_profile("[profile.default.limits]\nactivations = 5\n", wanted());
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_TRUE(text->starts_with("[profile.default.limits]\nactivations = 5\n\n[profile.default]\ntenant = \"t\"\n")) << *text;
}

TEST(ConfigEdit, NamesAndValuesAreQuoted) {
  auto profile = wanted();
  profile.name = "north west";
  profile.settings = {{"tenant", "a\"b\\c"}};
  auto text = with_profile("", profile);
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_TRUE(text->starts_with("[profile.\"north west\"]\ntenant = \"a\\\"b\\\\c\"\n")) << *text;
}

TEST(ConfigEdit, WhatCannotBeEditedIsRefusedWithTheLinesToWrite) {
  for (const char* form :
       {"profile.default = { tenant = \"x\" }\n", "[profile]\ndefault.tenant = \"x\"\n",
        "[profile.default]\nvault = { type = \"file\" }\n", "[profile.default]\ntenant = \"\"\"\nx\"\"\"\n"}) {
    auto text = with_profile(form, wanted());
    ASSERT_FALSE(text) << form << "became\n" << *text;
    EXPECT_NE(text.error().remedy.find("[profile.default.vault]"), std::string::npos) << text.error().remedy;
  }
  EXPECT_FALSE(with_profile("not toml", wanted()));
}

TEST(ConfigEdit, TheOldFileIsKeptAndTheModeToo) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "config.toml";
  ASSERT_TRUE(write_config(file, "", "one = 1\n"));
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  ASSERT_TRUE(write_config(file, "one = 1\n", "two = 2\n"));
  EXPECT_EQ(read_config(file), "two = 2\n");
  EXPECT_EQ(read_config(folder.path() / "config.toml.bak"), "one = 1\n");
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0644));
}

}  // namespace
}  // namespace portalkey::config_edit_test
