#include "cli/terminal/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "cli/terminal/exit_code.h"
#include "cli/terminal/output.h"

namespace portalkey {
namespace {

/// How many letters differ, roughly: enough to know a typing mistake.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// A command line with a wrong command is one without a command, at first. This names the word that is none, and the command
/// that was probably meant.
std::string unknown_command(Command at, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--profile" || word == "--config" || word == "--sandbox" || word == "--credential" || word == "--backend") ++i;
    if (word.starts_with('-')) continue;
    const auto commands = at.subcommands();
    if (commands.empty()) return {};
    const auto known = std::ranges::find(commands, word, &Command::name);
    if (known != commands.end()) {
      at = *known;
      continue;
    }
    const auto nearest = std::ranges::min(commands, {}, [&](Command command) { return distance(word, command.name()); });
    return fmt::format("there is no command \"{}\"{}", word,
                       distance(word, nearest.name()) <= 2 ? fmt::format("; did you mean {}?", nearest.name()) : "");
  }
  return {};
}

}  // namespace

int report_usage(Command program, const WrongUsage& error, int argc, char** argv) {
  const std::string unknown = unknown_command(program, argc, argv);
  say(fmt::format("error: {}\n  what to do: see {} --help, or --help after a command\n",
                  unknown.empty() ? error.what() : unknown, program.name()));
  const bool two_is_a_change =
      std::any_of(argv, argv + argc, [](const char* word) { return word == std::string_view(kDetailedExitCode); });
  return static_cast<int>(two_is_a_change ? ExitCode::failed : ExitCode::usage);
}

}  // namespace portalkey
