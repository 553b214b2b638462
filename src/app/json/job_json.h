#pragma once
// Jobs and what became of their tokens, as `-o json` prints them and a service answers.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/operations/device_clocks.h"
#include "app/operations/end_jobs.h"
#include "app/operations/show_job.h"
#include "app/operations/start_job.h"
#include "base/remedy.h"

namespace portalkey {

/// An array, in this order.
std::string json_of(const std::vector<Job>& jobs);
std::string json_of(const PrunedJobs& pruned);

/// What a list of tokens came of.
struct OutcomesOf {
  std::string file;        ///< empty: none
  std::string job;         ///< of the journal; empty: none
  std::string_view ended;  ///< how: `done`, `interrupted`, `finished with failures` …; empty: it was no job
  std::optional<ActivationClocks> clocks = {};  ///< where tokens were activated, or would be
};
OutcomesOf outcomes_of(const JobOutcome& done);
OutcomesOf outcomes_of(const ShownJob& shown);

/// `{"tokens":[…],"summary":{…},"file":…,"job":…,"ended":…,"clocks":…}`, with every token; without `file`, `job` and `ended`,
/// or `clocks`, if there is none. `words` are for what went wrong with a token and what to do about it.
std::string json_of(const std::vector<TokenOutcome>& tokens, const OutcomesOf& of, const Words& words);

}  // namespace portalkey
