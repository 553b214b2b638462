#pragma once
// What a file says the tenant should hold, beside what it holds: the changes that lead from one to the other.

#include <set>
#include <span>
#include <string>
#include <vector>

#include "directory/token_directory.h"
#include "jobs/model/job_token.h"
#include "jobs/model/taken_token.h"

namespace portalkey {

struct PlannedChange {
  TokenChange change = TokenChange::create;
  std::int64_t line = 0;  ///< in the file; 0 for remove
  std::string serial;
  std::string upn;          ///< who has it afterwards
  std::string from;         ///< who has it now
  std::string replaced_by;  ///< of remove: a serial number that the same user gets; this one goes when that one is active
  bool with_key = false;    ///< the file has its secret key: it is activated, too
};

struct TokenPlan {
  std::vector<PlannedChange> changes;    ///< in the file's order; removals last
  std::vector<TokenOutcome> impossible;  ///< rows that cannot be had, with the reason
  std::vector<TokenOutcome> unchanged;
  std::size_t taking() const;
};

struct PlanRules {
  /// Plan what takes tokens away, too. Without it such rows are impossible, and tokens the file does not have are left alone.
  bool prune = false;
  TakenTokens not_again;          ///< tokens that were taken away, and do not come back
  std::set<std::string> members;  ///< accounts with a guest's UPN that are known to be none
};

/// A token without a secret key is one that the tenant should have: it can be assigned there and taken from somebody, if the
/// directory can do that, and is not activated.
TokenPlan plan_tokens(std::span<const TokenSeed> seeds, const std::vector<TenantToken>& tenant, TokenDirectory& directory,
                      const PlanRules& rules);

/// A plan as the rows of a job; takes the secret keys out of `seeds`.
std::vector<JobToken> job_tokens(const TokenPlan& plan, std::vector<TokenSeed>& seeds);

/// What the rows of a job come to, for a person to read.
TokenPlan plan_of(const std::vector<JobToken>& tokens);

/// How the tenant differs from what the plan was made for; empty: it does not.
std::string changed_since(const std::vector<JobToken>& planned, const std::vector<TenantToken>& tenant);

}  // namespace portalkey
