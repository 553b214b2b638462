#include "cli/shell/man_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/counted.h"
#include "base/files.h"
#include "cli/terminal/manual_page.h"

namespace portalkey {
namespace {

using Path = std::vector<Command>;

Result<Path> path_of(Command app, const std::vector<std::string>& words) {
  Path path{app};
  for (const auto& word : words) {
    const auto commands = path.back().subcommands();
    const auto next = std::ranges::find(commands, word, &Command::name);
    if (next == commands.end())
      return fail(Errc::invalid_input, fmt::format("there is no command {} {}", path.back().name(), word),
                  "See portalkey --help.");
    path.push_back(*next);
  }
  return path;
}

/// Also of the commands below it.
Result<std::size_t> write_pages(const Path& path, const std::string& version, const std::filesystem::path& folder) {
  const auto file = folder / (manual_name(path) + ".1");
  if (auto written = write_file_atomically(file, manual_page(path, version)); !written) return pass(written);
  std::size_t count = 1;
  for (const auto& below : path.back().subcommands()) {
    Path longer = path;
    longer.push_back(below);
    auto written = write_pages(longer, version, folder);
    if (!written) return written;
    count += *written;
  }
  return count;
}

}  // namespace

void add_man_command(Command app, const std::string& version, Run& run) {
  auto words = std::make_shared<std::vector<std::string>>();
  auto folder = std::make_shared<std::filesystem::path>();
  const auto command = app.subcommand("man", "Print the manual page of a command, for man -l -");
  command.footer(
      "Examples: portalkey man tokens import | man -l -\n"
      "          portalkey man --dir ~/.local/share/man/man1");
  command.option("COMMAND", *words, "Whose; without it the program's");
  command.option("--dir", *folder, "Write the pages of all commands into DIR instead").type_name("DIR");
  command.callback([=, &run] {
    if (!words->empty() && !folder->empty()) throw WrongUsage("--dir", "is for all commands: name none");
    run = [=] {
      if (!folder->empty()) {
        const auto written = write_pages({app}, version, *folder);
        if (!written) return static_cast<int>(report_error(written.error(), OutputFormat::table));
        print(fmt::format("{} in {}\n", counted(*written, "page"), harmless(folder->string())));
        return static_cast<int>(ExitCode::done);
      }
      const auto path = path_of(app, *words);
      if (!path) {
        report_error(path.error(), OutputFormat::table);
        return static_cast<int>(ExitCode::usage);
      }
      print(manual_page(*path, version));
      return static_cast<int>(ExitCode::done);
    };
  });
}

}  // namespace portalkey
