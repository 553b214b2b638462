#pragma once
// What the app may do in Microsoft Graph, for `backend = "graph"`: application permissions, which an administrator must consent
// to. The app registration lists what it asks for; the consent is a role assignment of its service principal at Graph's.
// Source: learn.microsoft.com/graph/{permissions-grant-via-msgraph,api/serviceprincipal-post-approleassignments}.

#include <span>
#include <string_view>

#include "azure/azure.h"
#include "provision/actual.h"
#include "provision/desired.h"
#include "provision/plan.h"

namespace portalkey {

/// The permissions that managing hardware OATH tokens takes.
std::span<const std::string_view> oath_permissions();

Result<void> read_permissions(const Azure& azure, const Desired& desired, Actual& actual);
Step plan_permissions(const Actual& actual);
/// forbidden: what the account may do of it is done; the consent is an administrator's (consent_remedy).
Result<void> apply_permissions(const Azure& azure, const Actual& actual);

/// Who must consent, and how.
std::string consent_remedy(const Azure& azure, const Desired& desired, const Actual& actual);

/// Ids of the assignments that give the app its permissions, as far as they are there.
std::vector<std::string> permission_assignments(const Actual& actual);

}  // namespace portalkey
