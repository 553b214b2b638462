#pragma once
// Tokens of the tenant that a command is given by their serial numbers, or by a list of them.

#include "cli/job_run.h"
#include "oath/assignment/assignment_list.h"

namespace portalkey {

struct NamedTokens {
  std::vector<std::string> serials;
  std::string list;  ///< a file; empty: none
  std::string user;  ///< only if they are this user's; empty: whoever has them
};

/// SERIAL..., --list and --user.
void add_named_tokens(CLI::App& command, NamedTokens& named);
/// Throws CLI::ValidationError unless exactly one of SERIAL and --list was given.
void check_named_tokens(const std::string& command, const NamedTokens& named);

/// A row each, in order; one that is named twice counts once. A list's UPN, if it has that column, is whose the token must be.
Result<std::vector<JobToken>> named_tokens(TokenChange change, const NamedTokens& named);

}  // namespace portalkey
