#include "sandbox/world/rbac.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace portalkey::sandbox {
namespace {

using Names = std::string_view;

constexpr Names kEverything[] = {"*"};
constexpr Names kReads[] = {"*/read"};
constexpr Names kNoRightsOfOthers[] = {"Microsoft.Authorization/*/Delete",
                                       "Microsoft.Authorization/*/Write",
                                       "Microsoft.Authorization/elevateAccess/Action",
                                       "Microsoft.Blueprint/blueprintAssignments/write",
                                       "Microsoft.Blueprint/blueprintAssignments/delete",
                                       "Microsoft.Compute/galleries/share/action",
                                       "Microsoft.Purview/consents/write",
                                       "Microsoft.Purview/consents/delete",
                                       "Microsoft.Resources/deploymentStacks/manageDenySetting/action"};
constexpr Names kUserAccess[] = {"*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"};
constexpr Names kRoleAdministration[] = {"Microsoft.Authorization/roleAssignments/write",
                                         "Microsoft.Authorization/roleAssignments/delete", "*/read", "Microsoft.Support/*"};
constexpr Names kVaultManagement[] = {"Microsoft.Authorization/*/read",
                                      "Microsoft.Insights/alertRules/*",
                                      "Microsoft.KeyVault/*",
                                      "Microsoft.Resources/deployments/*",
                                      "Microsoft.ResourceHealth/availabilityStatuses/read",
                                      "Microsoft.Resources/subscriptions/resourceGroups/read",
                                      "Microsoft.Support/*"};
constexpr Names kNoPurge[] = {"Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/hsmPools/*",
                              "Microsoft.KeyVault/managedHsms/*"};
constexpr Names kVaultPeople[] = {"Microsoft.Authorization/*/read",
                                  "Microsoft.Insights/alertRules/*",
                                  "Microsoft.Resources/deployments/*",
                                  "Microsoft.Resources/subscriptions/resourceGroups/read",
                                  "Microsoft.Support/*",
                                  "Microsoft.KeyVault/checkNameAvailability/read",
                                  "Microsoft.KeyVault/deletedVaults/read",
                                  "Microsoft.KeyVault/locations/*/read",
                                  "Microsoft.KeyVault/vaults/*/read",
                                  "Microsoft.KeyVault/operations/read"};
constexpr Names kAllVaultData[] = {"Microsoft.KeyVault/vaults/*"};
constexpr Names kAllSecrets[] = {"Microsoft.KeyVault/vaults/secrets/*"};
constexpr Names kSecretReads[] = {"Microsoft.KeyVault/vaults/secrets/getSecret/action",
                                  "Microsoft.KeyVault/vaults/secrets/readMetadata/action"};
constexpr Names kVaultMetadata[] = {"Microsoft.KeyVault/vaults/*/read",
                                    "Microsoft.KeyVault/vaults/secrets/readMetadata/action"};

constexpr RoleDefinition kRoles[] = {
    {kOwner,
     "Owner",
     "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
     kEverything,
     {},
     {}},
    {kContributor,
     "Contributor",
     "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage assignments in "
     "Azure Blueprints, or share image galleries.",
     kEverything,
     kNoRightsOfOthers,
     {}},
    {"acdd72a7-3385-48ef-bd42-f606fba81ae7",
     "Reader",
     "View all resources, but does not allow you to make any changes.",
     kReads,
     {},
     {}},
    {"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
     "User Access Administrator",
     "Lets you manage user access to Azure resources.",
     kUserAccess,
     {},
     {}},
    {"f58310d9-a9f6-439a-9e8d-f62e7b41a168",
     "Role Based Access Control Administrator",
     "Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow you to manage access "
     "using other ways, such as Azure Policy.",
     kRoleAdministration,
     {},
     {}},
    {"f25e0fa2-a7c8-4377-a976-54943a77a395",
     "Key Vault Contributor",
     "Lets you manage key vaults, but not access to them.",
     kVaultManagement,
     kNoPurge,
     {}},
    {"00482a5a-887f-4fb3-b363-3b7fe8e74483",
     "Key Vault Administrator",
     "Perform all data plane operations on a key vault and all objects in it, including certificates, keys, and secrets. "
     "Cannot manage key vault resources or manage role assignments.",
     kVaultPeople,
     {},
     kAllVaultData},
    {"21090545-7ca7-4776-b22c-e363652d74d2",
     "Key Vault Reader",
     "Read metadata of key vaults and its certificates, keys, and secrets. Cannot read sensitive values such as secret "
     "contents or key material.",
     kVaultPeople,
     {},
     kVaultMetadata},
    {"b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5",
     "Key Vault Secrets Officer",
     "Perform any action on the secrets of a key vault, except manage permissions.",
     kVaultPeople,
     {},
     kAllSecrets},
    {"4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", "Read secret contents.", {}, {}, kSecretReads},
};

/// `*` stands for any text, slashes included; letter case is ignored.
bool matches(std::string_view pattern, std::string_view action) {
  if (pattern.empty()) return action.empty();
  if (pattern.front() != '*') {
    return !action.empty() && to_lower(pattern.front()) == to_lower(action.front()) &&
           matches(pattern.substr(1), action.substr(1));
  }
  for (std::size_t skip = 0; skip <= action.size(); ++skip) {
    if (matches(pattern.substr(1), action.substr(skip))) return true;
  }
  return false;
}

bool any_matches(std::span<const Names> patterns, std::string_view action) {
  return std::ranges::any_of(patterns, [&](Names pattern) { return matches(pattern, action); });
}

}  // namespace

std::span<const RoleDefinition> built_in_roles() { return kRoles; }

const RoleDefinition* find_role(std::string_view id) {
  const auto* found = std::ranges::find_if(kRoles, [&](const RoleDefinition& role) { return same_ignoring_case(role.id, id); });
  return found == std::end(kRoles) ? nullptr : found;
}

const RoleDefinition* find_role_by_name(std::string_view name) {
  const auto* found =
      std::ranges::find_if(kRoles, [&](const RoleDefinition& role) { return same_ignoring_case(role.name, name); });
  return found == std::end(kRoles) ? nullptr : found;
}

bool lies_within(std::string_view scope, std::string_view outer) {
  while (outer.ends_with('/')) outer.remove_suffix(1);
  if (scope.size() < outer.size() || !same_ignoring_case(scope.substr(0, outer.size()), outer)) return false;
  return scope.size() == outer.size() || scope[outer.size()] == '/';
}

const RoleAssignment* allowing(const World& world, std::string_view principal, std::string_view action, std::string_view scope,
                               Plane plane) {
  const std::int64_t now = world.clock.seconds();
  for (const auto& [name, assignment] : world.state.azure.role_assignments) {
    if (!same_ignoring_case(assignment.principal_id, principal) || !lies_within(scope, assignment.scope)) continue;
    if (assignment.created + world.state.policy.replication_delay > now) continue;
    const auto* role = find_role(assignment.role);
    if (role == nullptr) continue;
    const bool allowed = plane == Plane::data ? any_matches(role->data_actions, action)
                                              : any_matches(role->actions, action) && !any_matches(role->not_actions, action);
    if (allowed) return &assignment;
  }
  return nullptr;
}

void assign_role(State& state, std::string_view principal, std::string_view type, std::string_view role,
                 std::string_view scope) {
  const auto* definition = find_role_by_name(role);
  if (definition == nullptr) return;
  RoleAssignment made;
  made.name = guid_of(lower(scope) + '|' + lower(principal) + '|' + std::string(definition->id));
  made.scope = scope;
  made.role = definition->id;
  made.principal_id = principal;
  made.principal_type = type;
  state.azure.role_assignments[made.name] = std::move(made);
}

std::string subscription_scope(const State& state) { return "/subscriptions/" + state.subscription_id; }

std::string group_scope(const State& state, std::string_view group) {
  return subscription_scope(state) + "/resourceGroups/" + std::string(group);
}

std::string vault_scope(const State& state, const Vault& vault) {
  return group_scope(state, vault.resource_group) + "/providers/Microsoft.KeyVault/vaults/" + vault.name;
}

std::optional<Principal> find_principal(const World& world, std::string_view oid) {
  if (const auto found = world.state.service_principals.find(lower(oid)); found != world.state.service_principals.end()) {
    return Principal{"ServicePrincipal", found->second.created};
  }
  for (const auto& [key, user] : world.state.users) {
    if (!user.deleted && same_ignoring_case(user.oid, oid)) return Principal{"User", 0};
  }
  return std::nullopt;
}

std::string guid_of(std::string_view text) {
  // 7f2c1f9e-2d0b-5d5a-9a53-6f7a1c0d4b21, this sandbox's own namespace (RFC 9562 §5.5).
  static constexpr std::array<unsigned char, 16> kNamespace = {0x7f, 0x2c, 0x1f, 0x9e, 0x2d, 0x0b, 0x5d, 0x5a,
                                                               0x9a, 0x53, 0x6f, 0x7a, 0x1c, 0x0d, 0x4b, 0x21};
  std::string input(kNamespace.begin(), kNamespace.end());
  input += text;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest.data());
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[digest[i] >> 4];
    out += kDigits[digest[i] & 15];
  }
  return out;
}

}  // namespace portalkey::sandbox
