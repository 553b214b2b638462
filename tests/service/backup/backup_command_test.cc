#include "cli/service/backup_command.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/temporary_folder.h"

namespace portalkey::backup_command_test {
namespace {

class BackupCommandLine : public testing::Test {
 protected:
  TemporaryFolder folder;
  int code = -1;
  std::string errors;

  void SetUp() override {
    std::ofstream(folder / "config.toml")
        << "[profile.default]\ntenant = \"contoso.com\"\n[profile.default.vault]\ntype = \"file\"\npath = \""
        << (folder / "vault.sealed").string() << "\"\n";
    std::ofstream(folder / "vault.sealed") << "sealed vault";
    std::ofstream(folder / "passphrase") << "correct horse battery staple\n";
    std::filesystem::create_directory(folder / "service");
    std::ofstream(folder / "service/audit.key") << "key";
  }
  std::string run(std::vector<std::string> words) {
    words.insert(words.begin(), "portalkey");
    words.insert(words.end(), {"--passphrase-file", (folder / "passphrase").string()});
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    Globals globals;
    globals.profile.config = folder / "config.toml";
    portalkey::Run chosen;
    CommandLine line("portalkey", "", "");
    add_backup_commands(line.program(), "portalkey 1", globals, chosen);
    EXPECT_TRUE(line.parse(static_cast<int>(argv.size()), argv.data()));
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    code = chosen();
    errors = testing::internal::GetCapturedStderr();
    return testing::internal::GetCapturedStdout();
  }
};

TEST_F(BackupCommandLine, BacksUpEverythingAndRestoresItElsewhere) {
  const auto file = (folder / "backup").string();
  run({"backup", file, "--state", (folder / "service").string()});
  ASSERT_EQ(code, 0) << errors;
  const auto text = run({"restore", file});
  EXPECT_EQ(code, 0) << errors;
  EXPECT_TRUE(text.contains("service/audit.key")) << text;
  run({"restore", file, "--to", (folder / "again").string()});
  EXPECT_EQ(code, 0) << errors;
  std::ostringstream vault;
  vault << std::ifstream(folder / "again/profiles/default/vault.sealed").rdbuf();
  EXPECT_EQ(vault.str(), "sealed vault");
  EXPECT_TRUE(std::filesystem::exists(folder / "again/profiles/default/config.toml"));
  run({"restore", file, "--to", (folder / "again").string()});
  EXPECT_EQ(code, 1) << "nothing is written over";
}

}  // namespace
}  // namespace portalkey::backup_command_test
