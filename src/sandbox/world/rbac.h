#pragma once
// Azure role-based access control: the built-in roles that matter here, and who may do what where.
// Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct RoleDefinition {
  std::string_view id;  ///< GUID
  std::string_view name;
  std::string_view description;
  std::span<const std::string_view> actions, not_actions, data_actions;
};

std::span<const RoleDefinition> built_in_roles();
const RoleDefinition* find_role(std::string_view id);
const RoleDefinition* find_role_by_name(std::string_view name);

inline constexpr std::string_view kOwner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
inline constexpr std::string_view kContributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";

/// Whether `scope` is `outer` or lies below it; letter case ignored.
bool lies_within(std::string_view scope, std::string_view outer);

enum class Plane { control, data };

/// The assignment that allows the principal this action at this scope; nullptr if none does. An assignment younger than
/// the replication delay does not count yet.
const RoleAssignment* allowing(const World& world, std::string_view principal, std::string_view action, std::string_view scope,
                               Plane plane);

/// Makes an assignment that is effective at once, as those of a fresh sandbox and of the admin API are.
void assign_role(State& state, std::string_view principal, std::string_view type, std::string_view role,
                 std::string_view scope);

std::string subscription_scope(const State& state);
std::string group_scope(const State& state, std::string_view group);
std::string vault_scope(const State& state, const Vault& vault);

/// What the directory knows an object id as.
struct Principal {
  std::string type;  ///< `User` or `ServicePrincipal`
  std::int64_t created = 0;
};
std::optional<Principal> find_principal(const World& world, std::string_view oid);

/// UUID version 5 of a text, in a namespace of the sandbox's own.
std::string guid_of(std::string_view text);

}  // namespace portalkey::sandbox
