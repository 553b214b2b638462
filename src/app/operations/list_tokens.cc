#include "app/operations/list_tokens.h"

namespace portalkey {

Result<std::vector<TenantToken>> list_tokens(Tenant& tenant, const TokenFilter& filter) {
  auto listed = tenant.open_tokens()->list(filter, tenant.deadline());
  if (!listed) return listed;
  for (auto& token : *listed) token = shown(token);
  return listed;
}

std::string_view state_of(const TenantToken& token) {
  return token.active ? "active" : token.nobodys() ? "unassigned" : "not activated";
}

}  // namespace portalkey
