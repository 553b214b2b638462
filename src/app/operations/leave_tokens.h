#pragma once

#include <string>
#include <vector>

#include "app/operations/named_tokens.h"
#include "app/operations/start_job.h"

namespace portalkey {

/// People who leave: one, or a list of them.
struct Leavers {
  std::string user;                 ///< a UPN, or the object id of one who no longer exists
  std::string list;                 ///< a file with UPNs; empty: the one above
  std::vector<ColumnName> columns;  ///< what the list calls them
  bool remove = false;              ///< take the tokens out of the tenant, also where it could keep them for others
  JobTerms terms;
};

/// Takes every token of theirs: unassigned where the backend keeps tokens that nobody has, otherwise removed. Somebody who
/// exists, or whose tokens earlier jobs took, and has none is no error: the outcome has no tokens then. Warns of tokens of
/// theirs that the backend does not manage. not_found: nobody knows the user; of a list, such a row is refused.
Result<JobOutcome> leave_tokens(Tenant& tenant, const Leavers& leavers);

}  // namespace portalkey
