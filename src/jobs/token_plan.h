#pragma once
// What a file says the tenant should hold, beside what it holds: the changes that lead from one to the other.

#include <span>
#include <string>
#include <vector>

#include "backends/token_directory.h"
#include "jobs/token_outcome.h"

namespace portalkey {

struct PlannedChange {
  enum class Kind {
    create,    ///< put the token in; give it to its user and activate it if the file names one
    assign,    ///< it is there and nobody's: give it to its user, and activate it
    activate,  ///< it is there and its user's
    reassign,  ///< it is somebody else's: take it from there, give it to its user, and activate it
    unassign,  ///< the file names no user for it
    remove,    ///< the file does not have it
  } kind = Kind::create;
  std::int64_t line = 0;  ///< in the file; 0 for remove
  std::string serial;
  std::string upn;          ///< who has it afterwards
  std::string from;         ///< who has it now
  std::string replaced_by;  ///< of remove: a serial number that the same user gets; this one goes when that one is active

  /// Takes a token from somebody, or out of the tenant.
  bool takes() const { return kind == Kind::reassign || kind == Kind::unassign || kind == Kind::remove; }
};

std::string_view name_of(PlannedChange::Kind kind);

struct TokenPlan {
  std::vector<PlannedChange> changes;    ///< in the file's order; removals last
  std::vector<TokenOutcome> impossible;  ///< rows that cannot be had, with the reason
  std::size_t unchanged = 0;
  std::size_t taking() const;
};

/// `prune`: plan what takes tokens away, too. Without it such rows are impossible, and tokens the file does not have are left
/// alone.
TokenPlan plan_tokens(std::span<const TokenSeed> seeds, const std::vector<TenantToken>& tenant, TokenDirectory& directory,
                      bool prune);

}  // namespace portalkey
