#include "jobs/model/token_change.h"

namespace portalkey {

std::string_view name_of(TokenChange change) {
  switch (change) {
    case TokenChange::create: return "create";
    case TokenChange::assign: return "assign";
    case TokenChange::activate: return "activate";
    case TokenChange::reassign: return "reassign";
    case TokenChange::unassign: return "unassign";
    case TokenChange::remove: return "delete";
    case TokenChange::move_out: return "move out";
  }
  return "";
}

std::optional<TokenChange> token_change_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(TokenChange::move_out); ++i) {
    if (const auto change = static_cast<TokenChange>(i); name_of(change) == name) return change;
  }
  return std::nullopt;
}

}  // namespace portalkey
