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
  }
  return "";
}

}  // namespace portalkey
