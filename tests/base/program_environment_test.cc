#include "base/program_environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "base/run_program.h"
#include "tests/temporary_folder.h"

namespace portalkey::program_environment_test {
namespace {

namespace fs = std::filesystem;

/// A variable for the time of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

struct Programs {
  TemporaryFolder root;
  fs::path own = root / "own", open = root / "open";
  Programs() {
    for (const auto& folder : {own, open}) {
      fs::create_directory(folder);
      make(folder / "program");
    }
    ::chmod(open.c_str(), 0777);
  }
  static void make(const fs::path& file, mode_t mode = 0755) {
    std::ofstream(file) << "#!/bin/sh\necho started\n";
    ::chmod(file.c_str(), mode);
  }
};

TEST(FindProgram, OnlyInFoldersThatNobodyElseMayWriteTo) {
  const Programs programs;
  const Variable path(
      "PATH", fmt::format("{}:.:{}:{}", (programs.root / "none").string(), programs.open.string(), programs.own.string()));
  EXPECT_EQ(find_program("program").value_or("none"), (programs.own / "program").string());
  EXPECT_EQ(find_program("other").error().code, Errc::not_found);

  ::chmod((programs.own / "program").c_str(), 0777);
  const auto changed = find_program("program");
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Errc::invalid_input);
  EXPECT_NE(changed.error().what.find("program program is not started"), std::string::npos) << changed.error().what;
}

TEST(FindProgram, NamesWithASlash) {
  const Programs programs;
  EXPECT_TRUE(find_program((programs.own / "program").string()));
  EXPECT_EQ(find_program((programs.open / "program").string()).error().code, Errc::invalid_input);
  const auto before = fs::current_path();
  fs::current_path(programs.own);
  for (const char* relative : {"./program", "../own/program"}) EXPECT_EQ(find_program(relative).error().code, Errc::not_found);
  const Variable path("PATH", "");
  EXPECT_FALSE(find_program("program")) << "an empty PATH means the folder one is in";
  fs::current_path(before);
}

TEST(ProgramEnvironment, HoldsWhatIsListedAndNoMore) {
  const Programs programs;
  const Variable path("PATH", fmt::format("{}::relative:{}", programs.open.string(), programs.own.string()));
  const Variable language("LC_ALL", "C.UTF-8"), config("AZURE_CONFIG_DIR", "/somewhere"),
      proxy("https_proxy", "http://proxy:1"), bundle("REQUESTS_CA_BUNDLE", "/ca"), secret("AZURE_CLIENT_SECRET", "hidden"),
      passphrase("PORTALKEY_PASSPHRASE", "hidden"), preload("LD_LIBRARY_PATH", "/hidden"), python("PYTHONPATH", "/hidden"),
      ifs("BASH_ENV", "/hidden"), look("LC", "hidden");
  const auto variables = program_environment();
  const auto has = [&](const char* variable) { return std::ranges::find(variables, variable) != variables.end(); };
  EXPECT_TRUE(has(("PATH=" + programs.own.string()).c_str()));
  EXPECT_TRUE(has("LC_ALL=C.UTF-8"));
  EXPECT_TRUE(has("AZURE_CONFIG_DIR=/somewhere"));
  EXPECT_TRUE(has("https_proxy=http://proxy:1"));
  EXPECT_TRUE(has("REQUESTS_CA_BUNDLE=/ca"));
  for (const auto& variable : variables) EXPECT_EQ(variable.find("hidden"), std::string::npos) << variable;
}

TEST(RunProgram, StartsInTheRootFolderWithoutOurFilesAndVariables) {
  const TemporaryFolder folder;
  const int inherited = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY);  // not closed on exec
  const Variable secret("AZURE_CLIENT_SECRET", "hidden");
  auto run = run_program({"sh", "-c", "pwd; ls /proc/self/fd | wc -l; env"}, {}, {});
  ::close(inherited);
  ASSERT_TRUE(run) << run.error().what;
  run->output.reveal([](std::string_view said) {
    EXPECT_TRUE(said.starts_with("/\n4\n")) << said;  // 0, 1, 2, and ls's own
    EXPECT_EQ(said.find("hidden"), std::string_view::npos) << said;
  });
}

}  // namespace
}  // namespace portalkey::program_environment_test
