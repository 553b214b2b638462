#pragma once
// What it takes to make the tenant hold what a file says: planned, saved, done.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/operations/seed_rows.h"
#include "app/operations/start_job.h"
#include "jobs/plan/token_plan.h"

namespace portalkey {

/// How many tokens a plan may take away if nobody says another number.
inline constexpr std::size_t kMostTaken = 10;

struct FilePlanning {
  SeedInput seeds;     ///< or a list of tokens and people without keys
  bool prune = false;  ///< also take away what the file does not have, or gives to somebody else
  bool again = false;  ///< tokens that were taken away may come back
};

struct PlannedTokens {
  std::vector<TokenSeed> seeds;  ///< of the file, in its order
  TokenPlan plan;
};

/// Changes nothing. Rows that cannot be used are impossible ones of the plan, unless it prunes: then they are an error, for
/// their tokens would be taken away.
Result<PlannedTokens> plan_from_file(Tenant& tenant, TokenDirectory& directory, const FilePlanning& planning);

/// invalid_input: a plan takes more tokens away than it may. `not_done`: what did not happen for it.
Result<void> within_limit(std::size_t taking, std::size_t most, std::string_view not_done);

/// Keeps the plan in the journal, to be done as it stands; returns its id.
Result<std::string> save_plan(Tenant& tenant, PlannedTokens planned, const std::string& file);

/// Plans, and does it. `most`: how many tokens may be taken away.
Result<JobOutcome> apply_file(Tenant& tenant, const FilePlanning& planning, std::size_t most, const JobTerms& terms);

/// Does a saved plan. `most`: nullopt: as many as it was saved with. conflict: the tenant has changed since; nothing was done.
Result<JobOutcome> apply_plan(Tenant& tenant, JobStore& store, const std::string& id, std::optional<std::size_t> most,
                              const JobTerms& terms);

}  // namespace portalkey
