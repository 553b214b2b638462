#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <exception>

#include "base/log.h"
#include "base/process_hardening.h"
#include "cli/command.h"
#include "cli/sandbox_command.h"

namespace {

using namespace portalkey;

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage or profile, 3 partly done, 4 somebody must sign in (portalkey login), 130 "
    "interrupted.\n"
    "No secret is ever taken from the command line. The portal's backend API is unsupported by its owner.";

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  fmt::print(stderr, "error: {}\n  what to do: see portalkey --help, or --help after a command\n", error.what());
  return static_cast<int>(ExitCode::usage);
}

}  // namespace

int main(int argc, char** argv) {
  harden_process();
  try {
    CLI::App app("Hardware OATH tokens for Microsoft Entra, from the vendor's seed file to activated tokens, unattended",
                 "portalkey");
    app.footer(kFooter);
    app.set_version_flag("--version", "portalkey " PORTALKEY_VERSION);
    app.require_subcommand(1);
    app.fallthrough();

    Globals globals;
    Run run;
    app.add_option("--profile", globals.profile.name, "Profile in the config file (default: default)")->type_name("NAME");
    app.add_option("--config", globals.profile.config,
                   "Config file (default: ~/.config/portalkey/config.toml, then /etc/portalkey/config.toml)")
        ->type_name("FILE");
    app.add_option("--sandbox", globals.profile.sandbox, "Talk to the sandbox whose folder is DIR instead of Azure")
        ->envname("PORTALKEY_SANDBOX")
        ->type_name("DIR");
    app.add_flag("-v,--verbose", globals.verbosity, "Log to standard error; twice for every request");

    add_login_command(app, globals, run);
    add_session_command(app, globals, run);
    add_api_command(app, globals, run);
    add_skus_command(app, globals, run);
    add_tokens_command(app, globals, run);
    add_sandbox_command(app, run);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return usage_error(app, error);
    }
    set_log_level(globals.verbosity >= 2 ? LogLevel::debug : globals.verbosity == 1 ? LogLevel::info : LogLevel::warning);
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: portalkey failed unexpectedly ({})\n  what to do: please report this\n", error.what());
    return static_cast<int>(ExitCode::failed);
  }
}
