#include "sandbox/graph/consent.h"

#include <algorithm>

#include "sandbox/world/first_party.h"

namespace portalkey::sandbox {
namespace {

// Source: learn.microsoft.com/graph/api/{authenticationmethoddevice,hardwareoathauthenticationmethod}-*, "application".
constexpr std::string_view kPermissions[] = {"Policy.ReadWrite.AuthenticationMethod", "User.Read.All",
                                             "UserAuthenticationMethod.ReadWrite.All"};

std::vector<std::string> granted(const World& world) {
  const auto* own = find_service_principal(world, own_app(world).client_id);
  return own == nullptr ? std::vector<std::string>() : assigned_roles(world, own->object_id, kGraphAppId);
}

}  // namespace

void grant_oath_permissions(World& world) {
  const auto* own = find_service_principal(world, own_app(world).client_id);
  const auto* graph = find_service_principal(world, kGraphAppId);
  const auto* api = find_first_party(kGraphAppId);
  if (own == nullptr || graph == nullptr || api == nullptr) return;
  const auto there = granted(world);
  for (const auto& permission : api->permissions) {
    if (std::ranges::find(kPermissions, permission.value) == std::end(kPermissions)) continue;
    if (std::ranges::find(there, permission.value) != there.end()) continue;
    AppRoleAssignment made;
    made.id = opaque(world.random, 43);
    made.principal_id = own->object_id;
    made.principal_type = "ServicePrincipal";
    made.resource_id = graph->object_id;
    made.app_role_id = permission.role_id;
    made.created = world.clock.seconds();
    auto id = made.id;
    world.state.app_role_assignments.emplace(std::move(id), std::move(made));
  }
  world.touch();
}

bool has_oath_permissions(const World& world) {
  const auto there = granted(world);
  return std::ranges::all_of(kPermissions, [&](std::string_view one) { return std::ranges::find(there, one) != there.end(); });
}

}  // namespace portalkey::sandbox
