#pragma once
// The commands below `portalkey tokens`, one file each.

#include "cli/terminal/command.h"
#include "jobs/model/token_outcome.h"

namespace portalkey {

void add_tokens_validate(Command tokens, const Globals& globals, Run& run);
void add_tokens_convert(Command tokens, Run& run);
void add_tokens_code(Command tokens, Run& run);
void add_tokens_check(Command tokens, Run& run);
void add_tokens_import(Command tokens, const Globals& globals, Run& run);
void add_tokens_activate(Command tokens, const Globals& globals, Run& run);
void add_tokens_assign(Command tokens, const Globals& globals, Run& run);
void add_tokens_unassign(Command tokens, const Globals& globals, Run& run);
void add_tokens_replace(Command tokens, const Globals& globals, Run& run);
void add_tokens_plan(Command tokens, const Globals& globals, Run& run);
void add_tokens_apply(Command tokens, const Globals& globals, Run& run);
void add_tokens_list(Command tokens, const Globals& globals, Run& run);
void add_tokens_report(Command tokens, const Globals& globals, Run& run);
void add_tokens_remove(Command tokens, const Globals& globals, Run& run);

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
