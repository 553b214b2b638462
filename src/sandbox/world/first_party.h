#pragma once
// Microsoft's own APIs in the tenant: their service principals, and the permissions that can be granted on them.

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct PublishedPermission {
  std::string_view value;     ///< `User.Read.All`
  std::string_view role_id;   ///< app role; empty if there is none
  std::string_view scope_id;  ///< delegated permission; empty if there is none
  bool admin_consent = true;  ///< of the delegated one
};

struct FirstPartyApi {
  std::string_view app_id;
  std::string_view name;
  std::vector<std::string_view> names;  ///< service principal names besides the app id
  std::vector<PublishedPermission> permissions;
};

inline constexpr std::string_view kGraphAppId = "00000003-0000-0000-c000-000000000000";
/// The tenant that owns Microsoft's own apps.
inline constexpr std::string_view kMicrosoftTenant = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// nullptr if it is not one of Microsoft's.
const FirstPartyApi* find_first_party(std::string_view app_id);

void add_first_party_principals(State& state, const SandboxOptions& options);

/// The values of the app roles that `principal_id` (an object id) was given on the API with that client id: the claim
/// `roles`. Disabled roles do not count.
std::vector<std::string> assigned_roles(const World& world, std::string_view principal_id, std::string_view resource_app_id);

}  // namespace portalkey::sandbox
