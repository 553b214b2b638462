#pragma once
// Names that come out the same every time, so that a repeated run finds what an earlier one made.

#include <string>
#include <string_view>

namespace portalkey {

/// A version 5 UUID (RFC 9562 §5.5) in portalkey's own namespace.
std::string uuid_v5(std::string_view name);

/// The name of a role assignment, the same for the same scope, principal and role (ignoring letter case).
std::string role_assignment_name(std::string_view scope, std::string_view principal, std::string_view role_id);

/// A vault name that probably nobody in the world has: `portalkey-` and 12 hexadecimal digits. `attempt` counts from 0.
std::string derived_vault_name(std::string_view subscription, std::string_view resource_group, std::string_view profile,
                               int attempt);

/// 3 to 24 letters, digits and single dashes, beginning with a letter and not ending with a dash.
bool is_vault_name(std::string_view name);

/// What Azure takes as a resource group's name, as far as its path is concerned: 1 to 90 letters, digits and `-_.()`, no dot at
/// the end. Letters of other alphabets count.
bool is_group_name(std::string_view name);

/// The resource group's or the vault's path in Azure Resource Manager.
std::string group_path(std::string_view subscription, std::string_view resource_group);
std::string vault_path(std::string_view subscription, std::string_view resource_group, std::string_view vault);
std::string role_definition_path(std::string_view subscription, std::string_view role_id);

// Built-in role. Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
inline constexpr std::string_view kSecretsOfficerRole = "b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5";

}  // namespace portalkey
