#pragma once
// The commands below `portalkey tokens`, one file each.

#include "cli/command.h"
#include "jobs/token_outcome.h"

namespace portalkey {

void add_tokens_validate(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_convert(CLI::App& tokens, Run& run);
void add_tokens_code(CLI::App& tokens, Run& run);
void add_tokens_check(CLI::App& tokens, Run& run);
void add_tokens_import(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_activate(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_assign(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_unassign(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_replace(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_plan(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_apply(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_list(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_report(CLI::App& tokens, const Globals& globals, Run& run);
void add_tokens_remove(CLI::App& tokens, const Globals& globals, Run& run);

/// One line (or JSON object) per token and a summary; the exit code is done, partly_done or failed.
ExitCode print_outcomes(const std::vector<TokenOutcome>& outcomes, const std::string& file, OutputFormat format);

}  // namespace portalkey
