#include "cli/service/serve_command.h"

#include <fmt/format.h>

#include "app/process_environment.h"
#include "base/log.h"
#include "cli/service/keys_command.h"
#include "cli/terminal/output.h"
#include "cli/terminal/terminal_interaction.h"
#include "service/run/run_service.h"

namespace portalkey {
namespace {

void tell_started(const ServiceStarted& started) {
  std::string tenants;
  for (const auto& tenant : started.tenants) tenants += (tenants.empty() ? "" : ", ") + tenant;
  say(fmt::format("portalkey serves {} at {}\n", tenants, started.url));
  if (!started.certificate.empty()) say(fmt::format("  its certificate: {}\n", started.certificate.string()));
  say(fmt::format("  its files: {}\n", started.state.string()));
  if (started.first_key.empty()) return;
  say("  a first API key that may do everything, shown this once:\n");
  print(started.first_key + "\n");
}

}  // namespace

void add_serve_command(Command app, const Globals& globals, Run& run) {
  auto wishes = std::make_shared<ServeWishes>();
  const auto command = app.subcommand(
      "serve", "Serve the tokens of the profiles' tenants to Power Apps, flows, help desks and scripts, over HTTPS");
  command
      .option("--listen", wishes->listen, "Where to listen: an IP address of this machine and a port (default 127.0.0.1:8443)")
      .type_name("ADDRESS:PORT");
  command.option("--state", wishes->state, "Where the service keeps its own files").type_name("DIR");
  auto text_log = std::make_shared<bool>(false);
  command.flag("--text-log", *text_log, "Log lines for people; otherwise each is a JSON object, for a collector");
  command.footer(
      "Settings are in the table [service] of the config file (docs/service.md). SIGTERM ends it when what was begun is "
      "answered; "
      "SIGHUP reads certificate and settings again.\n"
      "Example: portalkey --sandbox DIR serve");
  add_keys_commands(command, globals, run);
  command.callback([&run, &globals, wishes, text_log] {
    if (run) return;  // one of its own commands was chosen
    run = [&globals, wishes, text_log] {
      wishes->profile = globals.profile;
      if (globals.verbosity == 0) set_log_level(LogLevel::info);
      set_log_form(*text_log ? LogForm::text : LogForm::json);
      TerminalInteraction terminal(TerminalInteraction::Person::if_terminal);
      const auto done = run_service(*wishes, process_environment(), terminal, tell_started);
      return done ? static_cast<int>(ExitCode::done) : static_cast<int>(report_error(done.error(), OutputFormat::table));
    };
  });
}

}  // namespace portalkey
