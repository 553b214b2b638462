#pragma once
// Tokens that the tenant has: given to users, taken from them, taken out.

#include <string>
#include <vector>

#include "app/operations/named_tokens.h"
#include "app/operations/start_job.h"

namespace portalkey {

/// One token and its user, or a list of them.
struct TokenAssignment {
  std::string serial, upn;
  std::string list;                 ///< a file; empty: the two above
  std::vector<ColumnName> columns;  ///< what the list calls them
  JobTerms terms;
};

/// Of tokens that nobody has. invalid_input: the backend keeps none of these.
Result<JobOutcome> assign_tokens(Tenant& tenant, const TokenAssignment& wanted);

struct TokensToTake {
  NamedTokens named;
  JobTerms terms;
};

/// They stay in the tenant, as nobody's. invalid_input: the backend keeps none of these.
Result<JobOutcome> unassign_tokens(Tenant& tenant, const TokensToTake& wanted);
Result<JobOutcome> remove_tokens(Tenant& tenant, const TokensToTake& wanted);

}  // namespace portalkey
