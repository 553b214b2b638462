#pragma once
// Tokens of the tenant that an operation is given by their serial numbers, by a list of them, or by their user.

#include <memory>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "jobs/model/job_token.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/assignment/assignment_list.h"

namespace portalkey {

/// Exactly one of `serials`, `list` and `user` alone.
struct NamedTokens {
  std::vector<std::string> serials;
  std::string list;                 ///< a file; empty: none
  std::vector<ColumnName> columns;  ///< what the list calls its serial numbers and UPNs
  std::string user;                 ///< only if they are this user's; empty: whoever has them
  bool all = false;                 ///< every token of the user, or of each of a list that has users only
};

/// A row each, in order, as the tenant has them; one that is named twice counts once. A list's UPN, if it has that column, is
/// whose the token must be. What the tenant does not have, or has for somebody else, is a refused row.
Result<std::vector<JobToken>> named_tokens(Tenant& tenant, TokenDirectory& directory, TokenChange change,
                                           const NamedTokens& named);

/// The row's serial number as the tenant writes it, which is warned of where it differs; null, and a refused row, if the tenant
/// has none. `taken`: what is known of those that are gone.
std::shared_ptr<const TenantToken> find_named(JobToken& token, const TenantCheck& held, const TakenTokens& taken,
                                              Interaction& interaction);

}  // namespace portalkey
