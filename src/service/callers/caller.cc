#include "service/callers/caller.h"

#include <algorithm>

namespace portalkey {

std::string_view name_of(Right right) {
  switch (right) {
    case Right::tokens_read: return "Tokens.Read";
    case Right::tokens_write: return "Tokens.Write";
    case Right::imports_write: return "Imports.Write";
    case Right::portal_invoke: return "Portal.Invoke";
    case Right::session_manage: return "Session.Manage";
    case Right::audit_read: return "Audit.Read";
  }
  return "";
}

std::optional<Right> right_of(std::string_view name) {
  const auto found = std::ranges::find_if(kEveryRight, [&](Right right) { return name_of(right) == name; });
  return found == std::end(kEveryRight) ? std::nullopt : std::optional(*found);
}

std::string_view name_of(Caller::Kind kind) {
  switch (kind) {
    case Caller::Kind::user: return "user";
    case Caller::Kind::app: return "app";
    case Caller::Kind::key: return "key";
  }
  return "";
}

}  // namespace portalkey
