#pragma once

#include <vector>

#include "app/json/job_json.h"
#include "cli/terminal/exit_code.h"
#include "cli/terminal/output.h"

namespace portalkey {

struct OutcomeOutput {
  OutcomesOf of;
  OutputFormat format = OutputFormat::table;
  bool all = false;  ///< a line for every token; otherwise for those that somebody should look at
};

/// What became of tokens, and a summary; the exit code is done, partly_done or failed. JSON, CSV and TSV have every token.
ExitCode print_outcomes(std::vector<TokenOutcome> outcomes, const OutcomeOutput& output);

}  // namespace portalkey
