#pragma once

#include <optional>
#include <string_view>

namespace portalkey {

/// What is to become of one token in the tenant. The numbers are bound in
/// journals: new ones come at the end.
enum class TokenChange {
  create = 0,    ///< put it in; give it to its user and activate it if it has one
  assign = 1,    ///< it is there and nobody's: give it to its user, and activate it if its secret key is known
  activate = 2,  ///< it is there and its user's
  reassign = 3,  ///< it is somebody else's: take it from there, give it to its user, and activate it
  unassign = 4,  ///< take it from its user, and keep it in the tenant
  remove = 5,    ///< take it out of the tenant
  move_out = 6,  ///< take it out of the world it came from, when it is active in the one that the job is about
};

/// Stable: in journals and JSON.
std::string_view name_of(TokenChange change);
/// nullopt: no change has this name.
std::optional<TokenChange> token_change_of(std::string_view name);

/// Takes a token from somebody, or out of the tenant.
inline bool takes(TokenChange change) {
  return change == TokenChange::reassign || change == TokenChange::unassign || change == TokenChange::remove;
}

}  // namespace portalkey
