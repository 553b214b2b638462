// An administrator's consent for the whole tenant, as `az ad app permission admin-consent` asks the portal's backend for it.
// Source: azure-cli, command_modules/role/custom.py.

#include <algorithm>
#include <optional>

#include "sandbox/portal/call.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/first_party.h"

namespace portalkey::sandbox {
namespace {

/// The value of a delegated permission of that API; empty if it has none with that id.
std::string scope_value(const World& world, std::string_view api_client_id, std::string_view scope_id) {
  if (const auto* api = find_first_party(api_client_id)) {
    const auto found = std::ranges::find(api->permissions, scope_id, &PublishedPermission::scope_id);
    return found == api->permissions.end() ? std::string() : std::string(found->value);
  }
  const auto app = world.state.apps.find(std::string(api_client_id));
  const auto settings = app == world.state.apps.end() ? std::nullopt : parse_json_object(app->second.settings);
  const auto* api = settings ? member(*settings, "api") : nullptr;
  const auto* scopes = api != nullptr && api->is_object() ? member(api->get_object(), "oauth2PermissionScopes") : nullptr;
  if (scopes == nullptr || !scopes->is_array()) return {};
  for (const auto& one : scopes->get_array()) {
    if (one.is_object() && string_member(one.get_object(), "id") == scope_id) {
      return string_member(one.get_object(), "value").value_or("");
    }
  }
  return {};
}

void assign_role(World& world, const std::string& principal, const std::string& resource, const std::string& role) {
  auto& all = world.state.app_role_assignments;
  const bool there = std::ranges::any_of(all, [&](const auto& item) {
    const auto& one = item.second;
    return one.principal_id == principal && one.resource_id == resource && one.app_role_id == role;
  });
  if (there) return;
  const auto id = opaque(world.random, 43);
  all[id] = {id, principal, "ServicePrincipal", resource, role, world.clock.seconds()};
}

void grant_scope(World& world, const std::string& client, const std::string& resource, const std::string& scope) {
  auto& all = world.state.permission_grants;
  const auto found = std::ranges::find_if(all, [&](const auto& item) {
    const auto& one = item.second;
    return one.client_id == client && one.resource_id == resource && one.consent_type == "AllPrincipals";
  });
  if (found == all.end()) {
    const auto id = opaque(world.random, 43);
    all[id] = {id, client, "AllPrincipals", "", resource, scope};
  } else if ((' ' + found->second.scope + ' ').find(' ' + scope + ' ') == std::string::npos) {
    found->second.scope += ' ' + scope;
  }
}

/// The principal of the app; made if consent is what brings it into the tenant.
std::string principal_of(World& world, const SandboxApp& app) {
  if (const auto* there = find_service_principal(world, app.client_id)) return there->object_id;
  ServicePrincipal made;
  made.object_id = world.random.guid();
  made.client_id = app.client_id;
  made.name = app.name;
  made.created = world.clock.seconds();
  world.state.service_principals.emplace(made.object_id, made);
  return made.object_id;
}

void consent(World& world, const SandboxApp& app) {
  const auto principal = principal_of(world, app);
  const auto settings = parse_json_object(app.settings).value_or(json::object());
  const auto* wanted = member(settings, "requiredResourceAccess");
  if (wanted == nullptr || !wanted->is_array()) return;
  for (const auto& api : wanted->get_array()) {
    if (!api.is_object()) continue;
    const auto api_id = lower(string_member(api.get_object(), "resourceAppId").value_or(""));
    const auto* resource = find_service_principal(world, api_id);
    const auto* list = member(api.get_object(), "resourceAccess");
    if (resource == nullptr || list == nullptr || !list->is_array()) continue;
    for (const auto& one : list->get_array()) {
      if (!one.is_object()) continue;
      const auto id = lower(string_member(one.get_object(), "id").value_or(""));
      if (string_member(one.get_object(), "type") == "Role") {
        assign_role(world, principal, resource->object_id, id);
      } else if (const auto scope = scope_value(world, api_id, id); !scope.empty()) {
        grant_scope(world, principal, resource->object_id, scope);
      }
    }
  }
}

}  // namespace

std::optional<HttpResponse> admin_consent(PortalCall& call) {
  constexpr std::string_view kBefore = "/registeredapplications/", kAfter = "/consent";
  if (call.request.method != "POST" || !call.path.starts_with(kBefore) || !call.path.ends_with(kAfter)) return std::nullopt;
  const auto app =
      call.world.state.apps.find(call.path.substr(kBefore.size(), call.path.size() - kBefore.size() - kAfter.size()));
  if (!call.administers()) return portal_forbidden(call);
  if (app == call.world.state.apps.end()) {
    return portal_error(call, {404, "NotFound", "The application was not found in the directory."});
  }
  consent(call.world, app->second);
  call.world.touch();
  HttpResponse answer;
  answer.status = 204;
  return answer;
}

}  // namespace portalkey::sandbox
