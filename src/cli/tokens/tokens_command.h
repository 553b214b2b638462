#pragma once
// The commands below `portalkey tokens`, one file each.

#include "cli/terminal/command.h"
#include "jobs/model/token_outcome.h"

namespace portalkey {

/// Of tokens plan: 2 is then no wrong usage, but a change.
inline constexpr const char* kDetailedExitCode = "--detailed-exitcode";

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

struct OutcomeOutput {
  std::string file;
  std::string job;         ///< of the journal; empty: none
  std::string_view ended;  ///< how: `done`, `interrupted`, `finished with failures` …; empty: it was no job
  OutputFormat format = OutputFormat::table;
  bool all = false;  ///< a line for every token; otherwise for those that somebody should look at
};

/// What became of tokens, and a summary; the exit code is done, partly_done or failed. JSON has every token.
ExitCode print_outcomes(std::vector<TokenOutcome> outcomes, const OutcomeOutput& output);

}  // namespace portalkey
