#include "program/start_sandbox.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/output.h"

namespace portalkey {
namespace {

constexpr std::array<std::string_view, 5> kWithValue{"--profile", "--config", "--sandbox", "--credential", "--backend"};
constexpr std::array<std::string_view, 3> kQuestions{"-h", "--help", "--version"};

}  // namespace

int sandbox_command_at(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (std::ranges::find(kQuestions, word) != kQuestions.end()) return 0;
    if (std::ranges::find(kWithValue, word) != kWithValue.end()) {
      ++i;
    } else if (!word.starts_with('-')) {
      return word == "sandbox" ? i : 0;
    }
  }
  return 0;
}

int start_sandbox(char** arguments) {
  std::error_code problem;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", problem);
  const std::string program = (self.parent_path() / "portalkey-sandbox").string();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};  // which execv does not change
  while (*arguments != nullptr) argv.push_back(*arguments++);
  argv.push_back(nullptr);
  if (!problem) ::execv(program.c_str(), argv.data());
  const std::string why = problem ? problem.message() : std::strerror(errno);
  return static_cast<int>(
      report_error(Error{Errc::not_found,
                         "the sandbox is a program of its own, which could not be started: " + why,
                         "Put portalkey-sandbox, which is built together with portalkey, into the same folder.",
                         {{"file", program}}},
                   OutputFormat::table));
}

}  // namespace portalkey
