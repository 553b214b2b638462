#include <fmt/format.h>

#include <exception>

#include "base/log.h"
#include "base/wipe_registers.h"
#include "base/wipe_stack.h"
#include "cli/service/audit_command.h"
#include "cli/service/backup_command.h"
#include "cli/service/serve_command.h"
#include "cli/setup/setup_command.h"
#include "cli/shell/completion_command.h"
#include "cli/shell/man_command.h"
#include "cli/terminal/command.h"
#include "cli/terminal/command_line.h"
#include "cli/terminal/global_options.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/usage.h"
#include "cli/tokens/tokens_command.h"
#include "program/process_hardening.h"
#include "program/start_sandbox.h"

namespace {

constexpr std::size_t kStackOfACommand = std::size_t{512} * 1024;  // more than any was seen to use

using namespace portalkey;

constexpr const char* kVersion = "portalkey " PORTALKEY_VERSION;

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage or profile, 3 partly done, 4 somebody must sign in (portalkey login), 130 "
    "interrupted.\n"
    "No secret is ever taken from the command line. The portal's backend API is unsupported by its owner.";

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
  add_jq_option(app);
  app.flag("-v,--verbose", globals.verbosity, "Log to standard error; twice for every request");
}

}  // namespace

int main(int argc, char** argv) {
  harden_process();
  if (const int at = sandbox_command_at(argc, argv); at > 0) return start_sandbox(argv + at + 1);
  try {
    CommandLine line("portalkey",
                     "Hardware OATH tokens for Microsoft Entra, from the vendor's seed file to activated tokens, unattended",
                     kVersion);
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
    add_portal_command(app, globals, run);
    add_skus_command(app, globals, run);
    add_tokens_command(app, globals, run);
    add_users_command(app, globals, run);
    add_jobs_command(app, globals, run);
    add_setup_command(app, globals, run);
    add_profiles_command(app, globals, run);
    add_serve_command(app, globals, run);
    add_audit_command(app, globals, run);
    add_backup_commands(app, kVersion, globals, run);
    app.subcommand("sandbox", kSandboxIs);
    add_completion_command(app, run);
    add_man_command(app, kVersion, run);
    if (const auto answered = answer_completion(app, argc, argv)) return *answered;
    try {
      if (!line.parse(argc, argv)) return 0;
      if (jq_wanted() && !app.chosen().has("--output")) throw WrongUsage("--jq", "the command has no JSON to give");
    } catch (const WrongUsage& error) {
      return report_usage(app, error, argc, argv);
    }
    remember_global_options(globals);
    set_log_level(globals.verbosity >= 2 ? LogLevel::debug : globals.verbosity == 1 ? LogLevel::info : LogLevel::warning);
    if (jq_wanted()) {
      if (const auto fine = check_jq(); !fine) {
        report_error(fine.error(), OutputFormat::table);
        return static_cast<int>(ExitCode::usage);
      }
    }
    const int code = after_jq(run());
    wipe_registers();
    wipe_stack_below<kStackOfACommand>();
    return code;
  } catch (const std::exception& error) {
    say(fmt::format("error: portalkey failed unexpectedly ({})\n  what to do: please report this\n", error.what()));
    return static_cast<int>(ExitCode::failed);
  }
}
