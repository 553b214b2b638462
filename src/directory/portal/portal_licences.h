#pragma once
// The tenant's licences through the portal API: /api/AccountSkus.

#include "directory/portal/portal_api.h"

namespace portalkey {

/// Whether a subscription of the tenant contains Microsoft Entra ID P1 or P2, without which the service takes no hardware OATH
/// tokens. unavailable: the answer has another shape than recorded.
/// Source: learn.microsoft.com/entra/identity/users/licensing-service-plan-reference.
Result<bool> has_entra_premium(PortalApi& api, const Deadline& deadline);

}  // namespace portalkey
