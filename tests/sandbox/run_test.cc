// What `run_sandbox` refuses before it serves.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file_lock.h"
#include "sandbox/sandbox.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {
namespace {

class RunSandbox : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "sandboxXXXXXX";
    folder = ::mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(RunSandbox, SecondOneOnAFolderIsRefused) {
  SystemClock clock;
  const auto lock = FileLock::take(folder / "lock", std::chrono::milliseconds(0), clock, {});
  ASSERT_TRUE(lock);
  SandboxOptions options;
  options.folder = folder;
  const auto done = run_sandbox(options, [](const SandboxReady&) { FAIL() << "it serves"; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::conflict);
  EXPECT_EQ(done.error().what, "another sandbox is running on this folder");
}

TEST_F(RunSandbox, DamagedStateIsRefusedAndKept) {
  std::ofstream(folder / "state.json") << "{";
  SandboxOptions options;
  options.folder = folder;
  const auto done = run_sandbox(options, [](const SandboxReady&) { FAIL() << "it serves"; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::corrupt);
  EXPECT_EQ(std::filesystem::file_size(folder / "state.json"), 1u);
}

TEST_F(RunSandbox, UsersComeFromALineListOrACsvColumn) {
  SandboxOptions options;
  options.users_file = folder / "users";
  const auto users = [&](std::string_view text) {
    std::ofstream(options.users_file) << text;
    State state;
    EXPECT_TRUE(add_listed_users(state, options));
    std::string out;
    for (const auto& [key, user] : state.users) out += user.upn + ' ';
    return out;
  };
  EXPECT_EQ(users("Helga@contoso.com\r\n\r\nbob@contoso.com"), "bob@contoso.com Helga@contoso.com ");
  EXPECT_EQ(users("\xef\xbb\xbfserial number,UPN,x\n1,Helga@contoso.com,y\n2,,y\n"), "Helga@contoso.com ");
  options.users_file = folder / "absent";
  State state;
  EXPECT_FALSE(add_listed_users(state, options));
}

}  // namespace
}  // namespace portalkey::sandbox
