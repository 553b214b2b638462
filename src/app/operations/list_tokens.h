#pragma once

#include <vector>

#include "app/tenant/tenant.h"

namespace portalkey {

/// The tenant's hardware OATH tokens that pass the filter, as they may be shown.
Result<std::vector<TenantToken>> list_tokens(Tenant& tenant, const TokenFilter& filter);

/// `active`, `not activated` or `unassigned`.
std::string_view state_of(const TenantToken& token);

}  // namespace portalkey
