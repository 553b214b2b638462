#pragma once
// The steps in Azure Resource Manager. Each may be repeated.

#include "azure/azure.h"
#include "provision/plan.h"

namespace portalkey {

Result<void> register_providers(const Azure& azure, const Desired& desired, const Actual& actual);
Result<void> apply_group(const Azure& azure, const Desired& desired, const Actual& actual);
/// Creates or recovers the vault, or PATCHes what differs and nothing else.
Result<void> apply_vault(const Azure& azure, const Desired& desired, const Actual& actual);
/// Key Vault Secrets Officer on `scope`; waits out a principal that Azure does not know yet.
Result<void> assign_role(const Azure& azure, const Desired& desired, const std::string& scope, const std::string& principal,
                         std::string_view principal_type);

std::string vault_path_of(const Desired& desired, const Actual& actual);

}  // namespace portalkey
