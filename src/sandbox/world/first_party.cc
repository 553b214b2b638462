#include "sandbox/world/first_party.h"

#include <algorithm>

#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

// Ids: learn.microsoft.com/graph/permissions-reference.
const std::vector<PublishedPermission> kGraphPermissions = {
    {"Application.Read.All", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "c79f8feb-a9db-4090-85f9-90d820caa0eb"},
    {"Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "bdfbf15f-ee85-4955-8675-146e8e5296b5"},
    {"Application.ReadWrite.OwnedBy", "18a4783c-866b-4cc7-a460-3d5e5662c884", ""},
    {"AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f", "84bccea3-f856-4a8a-967b-dbe0a3d53a64"},
    {"DelegatedPermissionGrant.ReadWrite.All", "8e8e4742-1d95-4f68-9d56-6ee75648c72a", "41ce6ca6-6826-4807-84f1-1c82854f7ee5"},
    {"Directory.AccessAsUser.All", "", "0e263e50-5827-48a4-b97c-d940288653c7"},
    {"Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "06da0dbc-49e2-44d2-8312-53f166ab848a"},
    {"Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "c5366453-9fb0-48a5-a156-24f0c49a4b84"},
    {"Group.Read.All", "5b567255-7703-4780-807c-7be8301ae99b", "5f8c59db-677d-491f-a6b8-5f174b11ec1d"},
    {"Group.ReadWrite.All", "62a82d76-70ea-41e2-9197-370581804d09", "4e46008b-f24c-477d-8fff-7bb4ec7aafe0"},
    {"GroupMember.Read.All", "98830695-27a2-44f7-8c18-0c3ebc9698f6", "bc024368-1153-4739-b217-4326f2e966d0"},
    {"Policy.Read.All", "246dd0d5-5bd0-4def-940b-0421030a5b68", "572fea84-0151-49b2-9301-11cb16974376"},
    {"Policy.ReadWrite.AuthenticationMethod", "29c18626-4985-4dcd-85c0-193eef327366", "7e823077-d88e-468f-a337-e18f1f0e6c7c"},
    {"RoleManagement.Read.Directory", "483bed4a-2ad3-4361-a73b-c83ccdbdc53c", "741c54c3-0c1e-44a1-818b-3f97ab4e8c83"},
    {"User.Read", "", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", false},
    {"User.Read.All", "df021288-bdef-4463-88db-98f22de89214", "a154be20-db9c-4678-8ab7-66f6cc099a59"},
    {"User.ReadBasic.All", "97235f07-e226-4f63-ace3-39588e11d3a1", "b340eb25-3456-403f-be2f-af7a0d370277", false},
    {"User.ReadWrite.All", "741f803b-c850-494e-b5df-cde7c675a1ca", "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4"},
    {"UserAuthenticationMethod.Read.All", "38d9df27-64da-44fd-b7c5-a6fbac20248f", "aec28ec7-4d02-4e8c-b864-50163aea77eb"},
    {"UserAuthenticationMethod.ReadWrite.All", "50483e42-d915-4231-9639-7fdb7fd190e5", "b7887744-6746-4312-813d-72daeaee7e2d"},
};

const std::vector<FirstPartyApi> kApis = {
    {kGraphAppId,
     "Microsoft Graph",
     {"https://graph.microsoft.com", "https://graph.microsoft.com/", "https://graph.microsoft.us",
      "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn"},
     kGraphPermissions},
    {"cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
     "Azure Key Vault",
     {"https://vault.azure.net", "https://vault.usgovcloudapi.net", "https://vault.azure.cn"},
     {{"user_impersonation", "", "f53da476-18e3-4152-8e01-aec403e6edc0", false}}},
    {"797f4846-ba00-4fd7-ba43-dac1f8f63013",
     "Windows Azure Service Management API",
     {"https://management.azure.com/", "https://management.core.windows.net/", "https://management.usgovcloudapi.net/",
      "https://management.chinacloudapi.cn/"},
     {{"user_impersonation", "", "41094075-9dad-400e-a0bd-54e686782033", false}}},
    // Its permissions are not published; the id of this one is the sandbox's own.
    {"74658136-14ec-4630-ad9b-26e160ff0fc6",
     "ADIbizaUX",
     {"https://main.iam.ad.ext.azure.com"},
     {{"user_impersonation", "", "5f3c1d4e-7c1b-4f6e-9f43-1d0a7a2b6c01", false}}},
};

}  // namespace

const FirstPartyApi* find_first_party(std::string_view app_id) {
  const auto found = std::ranges::find(kApis, app_id, &FirstPartyApi::app_id);
  return found == kApis.end() ? nullptr : &*found;
}

void add_first_party_principals(State& state, const SandboxOptions& options) {
  for (const auto& api : kApis) {
    ServicePrincipal principal;
    principal.object_id = stable_guid(options.seed, "service principal " + std::string(api.app_id));
    principal.client_id = api.app_id;
    principal.name = api.name;
    state.service_principals.emplace(principal.object_id, principal);
  }
}

std::vector<std::string> assigned_roles(const World& world, std::string_view principal_id, std::string_view resource_app_id) {
  std::vector<std::string> out;
  const auto* resource = find_service_principal(world, resource_app_id);
  if (resource == nullptr) return out;
  const auto* api = find_first_party(resource_app_id);
  const auto app = world.state.apps.find(std::string(resource_app_id));
  for (const auto& [id, one] : world.state.app_role_assignments) {
    if (one.principal_id != principal_id || one.resource_id != resource->object_id) continue;
    if (api != nullptr) {
      const auto found = std::ranges::find(api->permissions, one.app_role_id, &PublishedPermission::role_id);
      if (found != api->permissions.end()) out.emplace_back(found->value);
    } else if (app != world.state.apps.end()) {
      const auto settings = parse_json_object(app->second.settings);
      const auto* roles = settings ? member(*settings, "appRoles") : nullptr;
      if (roles == nullptr || !roles->is_array()) continue;
      for (const auto& role : roles->get_array()) {
        if (!role.is_object() || string_member(role.get_object(), "id") != one.app_role_id) continue;
        const auto value = string_member(role.get_object(), "value");
        if (value && bool_member(role.get_object(), "isEnabled").value_or(true)) out.push_back(*value);
      }
    }
  }
  return out;
}

}  // namespace portalkey::sandbox
