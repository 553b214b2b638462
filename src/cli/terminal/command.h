#pragma once
// How a command is made: add_NAME_command() declares its options and, when chosen, sets `run`, which does the work and
// returns the exit code. Parsing and doing are two functions.

#include <functional>
#include <memory>
#include <string>

#include "app/profile/profile.h"
#include "cli/terminal/command_line.h"
#include "cli/terminal/output.h"
#include "cli/terminal/terminal_interaction.h"

namespace portalkey {

class Tenant;

struct Globals {
  ProfileChoice profile;
  int verbosity = 0;
};

using Run = std::function<int()>;

/// Wires a command to its profile: loads it, wires its tenant, calls `work`, reports the error it returns.
int with_tenant(const Globals& globals, OutputFormat format, const std::function<Result<ExitCode>(Tenant&)>& work,
                TerminalInteraction::Person person = TerminalInteraction::Person::if_terminal);

/// Adds `-o/--output` with the formats given, the first being the default.
void add_output_option(Command command, const std::shared_ptr<OutputFormat>& format, bool raw);
/// Likewise for a command that prints rows (cli/terminal/rows.h): table, json, csv or tsv; and `--bom`.
void add_rows_output_option(Command command, const std::shared_ptr<OutputFormat>& format);

void add_login_command(Command app, const Globals& globals, Run& run);
void add_session_command(Command app, const Globals& globals, Run& run);
void add_api_command(Command app, const Globals& globals, Run& run);
void add_portal_command(Command app, const Globals& globals, Run& run);
void add_profiles_command(Command app, const Globals& globals, Run& run);
void add_skus_command(Command app, const Globals& globals, Run& run);
void add_doctor_command(Command app, const Globals& globals, Run& run);
void add_jobs_command(Command app, const Globals& globals, Run& run);
void add_tokens_command(Command app, const Globals& globals, Run& run);
void add_users_command(Command app, const Globals& globals, Run& run);

}  // namespace portalkey
