#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/wipe_registers.h"
#include "base/wipe_stack.h"
#include "cli/sandbox/sandbox_command.h"
#include "cli/setup/setup_command.h"
#include "cli/terminal/command.h"
#include "cli/terminal/command_line.h"
#include "cli/terminal/global_options.h"
#include "cli/tokens/tokens_command.h"
#include "program/process_hardening.h"

namespace {

constexpr std::size_t kStackOfACommand = std::size_t{512} * 1024;  // more than any was seen to use

using namespace portalkey;

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage or profile, 3 partly done, 4 somebody must sign in (portalkey login), 130 "
    "interrupted.\n"
    "No secret is ever taken from the command line. The portal's backend API is unsupported by its owner.";

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

int report_usage(Command program, const WrongUsage& error, int argc, char** argv) {
  const std::string unknown = unknown_command(program, argc, argv);
  say(fmt::format("error: {}\n  what to do: see portalkey --help, or --help after a command\n",
                  unknown.empty() ? error.what() : unknown));
  const bool two_is_a_change =
      std::any_of(argv, argv + argc, [](const char* word) { return word == std::string_view(kDetailedExitCode); });
  return static_cast<int>(two_is_a_change ? ExitCode::failed : ExitCode::usage);
}

void add_global_options(Command app, Globals& globals) {
  app.option("--profile", globals.profile.name, "Profile in the config file (default: default)").type_name("NAME");
  app.option("--config", globals.profile.config,
             "Config file (default: ~/.config/portalkey/config.toml, then /etc/portalkey/config.toml)")
      .type_name("FILE");
  app.option(
         "--backend",
         [&globals](const std::string& name) { globals.profile.backend = name == "graph" ? Backend::graph : Backend::portal; },
         "How tokens are managed: the portal's API (the default) or Microsoft Graph; overrides the profile's")
      .one_of({"portal", "graph"})
      .type_name("NAME");
  app.option("--sandbox", globals.profile.sandbox,
             "Talk to the sandbox whose folder is DIR instead of Azure; reads no profile unless one is named")
      .envname("PORTALKEY_SANDBOX")
      .type_name("DIR");
  app.option(
         "--credential",
         [&globals](const std::string& name) {
           auto type = find_credential_type(name);
           if (!type) throw WrongUsage("--credential", type.error().what + ". " + type.error().remedy);
           globals.profile.credential = *type;
         },
         "Who opens the vault and drives Azure, whatever the profile says: auto, client_secret, client_certificate, "
         "workload_identity, managed_identity, azure_cli, device_code, browser")
      .type_name("TYPE");
  app.flag("-v,--verbose", globals.verbosity, "Log to standard error; twice for every request");
}

}  // namespace

int main(int argc, char** argv) {
  harden_process();
  try {
    CommandLine line("portalkey",
                     "Hardware OATH tokens for Microsoft Entra, from the vendor's seed file to activated tokens, unattended",
                     "portalkey " PORTALKEY_VERSION);
    const Command app = line.program();
    app.footer(kFooter);
    app.require_subcommand();

    Globals globals;
    Run run;
    add_global_options(app, globals);
    add_login_command(app, globals, run);
    add_session_command(app, globals, run);
    add_doctor_command(app, globals, run);
    add_api_command(app, globals, run);
    add_skus_command(app, globals, run);
    add_tokens_command(app, globals, run);
    add_jobs_command(app, globals, run);
    add_setup_command(app, globals, run);
    add_sandbox_command(app, run);
    try {
      if (!line.parse(argc, argv)) return 0;
    } catch (const WrongUsage& error) {
      return report_usage(app, error, argc, argv);
    }
    remember_global_options(globals);
    set_log_level(globals.verbosity >= 2 ? LogLevel::debug : globals.verbosity == 1 ? LogLevel::info : LogLevel::warning);
    const int code = run();
    wipe_registers();
    wipe_stack_below<kStackOfACommand>();
    return code;
  } catch (const std::exception& error) {
    say(fmt::format("error: portalkey failed unexpectedly ({})\n  what to do: please report this\n", error.what()));
    return static_cast<int>(ExitCode::failed);
  }
}
