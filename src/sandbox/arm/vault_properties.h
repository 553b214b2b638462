#pragma once
// A vault's resource body: reading it by the service's rules, and showing it.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/arm/call.h"

namespace portalkey::sandbox {

inline constexpr std::string_view kVaultType = "Microsoft.KeyVault/vaults";

bool is_vault_name(std::string_view name);
/// Whether somebody else in the world has a vault of that name.
bool name_taken_elsewhere(std::string_view name);
std::string vault_name_in_use(std::string_view name);

/// Takes `properties` over. `creating`: what is left out gets its default, by api-version; otherwise it stays (PATCH).
/// Rules that need the vault as it was (`before`, nullptr for a new one) are kept too: soft delete, purge protection,
/// retention.
std::optional<HttpResponse> read_vault_properties(const ArmCall& call, const json::object& properties, const Vault* before,
                                                  bool creating, Vault& vault);

/// `accessPolicies`; false if one is not as it must be.
bool read_access_policies(const json::value& list, std::vector<VaultAccessPolicy>& policies);
json::array access_policies_json(const Vault& vault);

json::object vault_resource(const ArmCall& call, const Vault& vault);
json::object deleted_vault_resource(const ArmCall& call, const Vault& vault);

}  // namespace portalkey::sandbox
