// Service principals: those of the tenant's own apps, of managed identities, and of Microsoft's APIs.
// Source: learn.microsoft.com/graph/api/resources/serviceprincipal.

#include <algorithm>
#include <utility>

#include "sandbox/graph/call.h"
#include "sandbox/world/first_party.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {

const GraphShape kServicePrincipalShape{"servicePrincipals", "servicePrincipal"};

namespace {

/// What a PATCH may set, with its first value.
const json::object& fresh_settings() {
  static const json::object kSettings = *parse_json_object(R"({
    "addIns":[],"alternativeNames":[],"appRoleAssignmentRequired":false,"description":null,"homepage":null,"loginUrl":null,
    "logoutUrl":null,"notes":null,"notificationEmailAddresses":[],"preferredSingleSignOnMode":null,
    "preferredTokenSigningKeyThumbprint":null,"samlSingleSignOnSettings":null,"tags":[],"tokenEncryptionKeyId":null})");
  return kSettings;
}

/// Takes a body over. The message of a 400 if it is no good.
std::string take_properties(World& world, const json::object& body, ServicePrincipal& principal) {
  json::object settings = parse_json_object(principal.settings).value_or(json::object());
  for (const auto& item : body) {
    const std::string_view key(item.key().data(), item.key().size());
    if (key == "appId" || key.starts_with("@odata.")) continue;
    if (key == "accountEnabled" && item.value().is_bool()) {
      principal.enabled = item.value().get_bool();
      continue;
    }
    if (key == "keyCredentials") {
      if (auto message = take_keys(world, item.value(), "ServicePrincipal", principal.keys); !message.empty()) return message;
      continue;
    }
    if (key == "passwordCredentials" && item.value().is_array()) {
      if (!keep_passwords(item.value().get_array(), principal.passwords))
        return "New password credentials must be generated with service actions.";
      continue;
    }
    const auto shape = fresh_settings().find(item.key());
    // The name and the kind follow from the app; clients send them along.
    if (key == "displayName" || key == "servicePrincipalType") continue;
    if (shape == fresh_settings().end() || shape->value().is_array() != item.value().is_array()) {
      return "Invalid value specified for property '" + std::string(key) + "' of resource 'ServicePrincipal'.";
    }
    settings[item.key()] = item.value();
  }
  principal.settings = json::serialize(settings);
  return {};
}

void add_first_party(const FirstPartyApi& api, json::object& out) {
  json::array roles, scopes, names{json::value(api.app_id)};
  for (const auto name : api.names) names.emplace_back(name);
  for (const auto& one : api.permissions) {
    if (!one.role_id.empty()) {
      roles.push_back({{"allowedMemberTypes", json::array{"Application"}},
                       {"description", one.value},
                       {"displayName", one.value},
                       {"id", one.role_id},
                       {"isEnabled", true},
                       {"origin", "Application"},
                       {"value", one.value}});
    }
    if (!one.scope_id.empty()) {
      scopes.push_back({{"adminConsentDescription", one.value},
                        {"adminConsentDisplayName", one.value},
                        {"id", one.scope_id},
                        {"isEnabled", true},
                        {"type", one.admin_consent ? "Admin" : "User"},
                        {"userConsentDescription", one.value},
                        {"userConsentDisplayName", one.value},
                        {"value", one.value}});
    }
  }
  out["appOwnerOrganizationId"] = kMicrosoftTenant;
  out["appRoles"] = std::move(roles);
  out["oauth2PermissionScopes"] = std::move(scopes);
  out["servicePrincipalNames"] = std::move(names);
  out["signInAudience"] = "AzureADMultipleOrgs";
}

/// What follows from the app that it stands for.
void add_app(const GraphCall& call, const SandboxApp& app, json::object& out) {
  const auto in = application_object(call, app, false);
  json::array names{json::value(app.client_id)}, replies;
  for (const auto& uri : in.at("identifierUris").get_array()) names.push_back(uri);
  for (const auto platform : {"web", "spa", "publicClient"}) {
    for (const auto& uri : in.at(platform).at("redirectUris").get_array()) replies.push_back(uri);
  }
  out["appDisplayName"] = app.name;
  out["displayName"] = app.name;
  out["appDescription"] = in.at("description");
  out["appOwnerOrganizationId"] = call.world.state.tenant_id;
  out["appRoles"] = in.at("appRoles");
  out["info"] = in.at("info");
  out["oauth2PermissionScopes"] = in.at("api").at("oauth2PermissionScopes");
  out["replyUrls"] = std::move(replies);
  out["servicePrincipalNames"] = std::move(names);
  out["signInAudience"] = in.at("signInAudience");
  out["verifiedPublisher"] = in.at("verifiedPublisher");
}

HttpResponse create(GraphCall& call) {
  World& world = call.world;
  const auto body = graph_body(call);
  if (!body) return body.error();
  const auto client_id = lower(string_member(*body, "appId").value_or(""));
  if (client_id.empty())
    return graph_bad_request(call, "A value is required for property 'appId' of resource 'ServicePrincipal'.");
  const auto app = world.state.apps.find(client_id);
  if (auto refused = graph_refuses(call, GraphRight::write_app,
                                   app == world.state.apps.end() ? std::vector<std::string>() : app->second.owners)) {
    return *refused;
  }
  if (find_service_principal(world, client_id) != nullptr) {
    return graph_conflict(
        call, "The service principal cannot be created, updated, or restored because the service principal name " + client_id +
                  " is already in use.");
  }
  if (app == world.state.apps.end() || !is_replicated(world, app->second.object_id, app->second.created)) {
    // azure-cli waits for replication when it reads "does not reference".
    return graph_bad_request(
        call, "The appId '" + client_id + "' of the service principal does not reference a valid application object.");
  }
  ServicePrincipal made;
  made.object_id = world.random.guid();
  made.client_id = client_id;
  made.name = app->second.name;
  made.created = world.clock.seconds();
  made.owners = graph_owner(call);
  if (const auto message = take_properties(world, *body, made); !message.empty()) return graph_bad_request(call, message);
  begin_replication(world, made.object_id);
  world.touch();
  const auto& kept = world.state.service_principals.emplace(made.object_id, made).first->second;
  return graph_entity(call, kServicePrincipalShape, service_principal_object(call, kept), 201);
}

HttpResponse update(GraphCall& call, ServicePrincipal& principal) {
  const auto body = graph_body(call);
  if (!body) return body.error();
  ServicePrincipal changed = principal;
  if (const auto message = take_properties(call.world, *body, changed); !message.empty())
    return graph_bad_request(call, message);
  principal = std::move(changed);
  call.world.touch();
  return graph_no_content();
}

HttpResponse remove(GraphCall& call, const ServicePrincipal& principal) {
  if (principal.client_id == call.world.state.own_client_id || find_first_party(principal.client_id) != nullptr ||
      principal.type == "ManagedIdentity") {
    return graph_bad_request(call, "The sandbox needs the service principal '" + principal.name + "'; it cannot be deleted.");
  }
  const std::string id = principal.object_id;
  forget_grants(call.world.state, id);
  call.world.state.service_principals.erase(id);
  call.world.touch();
  return graph_no_content();
}

}  // namespace

ServicePrincipal* graph_principal(GraphCall& call, std::string_view key) {
  const std::string text = lower(key);
  for (auto& [object_id, principal] : call.world.state.service_principals) {
    const bool wanted = text.starts_with("appid=") ? principal.client_id == text.substr(6) : object_id == text;
    if (wanted) return is_replicated(call.world, object_id, principal.created) ? &principal : nullptr;
  }
  return nullptr;
}

json::object service_principal_object(const GraphCall& call, const ServicePrincipal& principal) {
  json::object out{{"id", principal.object_id},
                   {"deletedDateTime", nullptr},
                   {"accountEnabled", principal.enabled},
                   {"appDescription", nullptr},
                   {"appDisplayName", principal.type == "ManagedIdentity" ? json::value(nullptr) : json::value(principal.name)},
                   {"appId", principal.client_id},
                   {"applicationTemplateId", nullptr},
                   {"appOwnerOrganizationId", nullptr},
                   {"appRoles", json::array()},
                   {"createdDateTime", graph_time(principal.created)},
                   {"disabledByMicrosoftStatus", nullptr},
                   {"displayName", principal.name},
                   {"info", nullptr},
                   {"keyCredentials", key_objects(principal.keys, false)},
                   {"oauth2PermissionScopes", json::array()},
                   {"passwordCredentials", password_objects(principal.passwords)},
                   {"replyUrls", json::array()},
                   {"resourceSpecificApplicationPermissions", json::array()},
                   {"servicePrincipalNames", json::array{json::value(principal.client_id)}},
                   {"servicePrincipalType", principal.type},
                   {"signInAudience", principal.type == "ManagedIdentity" ? json::value(nullptr) : json::value("AzureADMyOrg")},
                   {"verifiedPublisher", nullptr}};
  for (const auto& item : fresh_settings()) out[item.key()] = item.value();
  if (const auto settings = parse_json_object(principal.settings)) {
    for (const auto& item : *settings) out[item.key()] = item.value();
  }
  if (const auto* api = find_first_party(principal.client_id)) {
    add_first_party(*api, out);
  } else if (const auto app = call.world.state.apps.find(principal.client_id); app != call.world.state.apps.end()) {
    add_app(call, app->second, out);
  }
  return out;
}

HttpResponse graph_service_principals(GraphCall& call) {
  World& world = call.world;
  if (call.path.size() == 1) {
    if (call.is("POST")) return create(call);
    if (!call.is("GET")) return graph_not_allowed(call);
    if (auto refused = graph_refuses(call, GraphRight::read_apps)) return *refused;
    std::vector<json::object> items;
    for (const auto& [object_id, principal] : world.state.service_principals) {
      if (is_replicated(world, object_id, principal.created)) items.push_back(service_principal_object(call, principal));
    }
    return graph_list(call, kServicePrincipalShape, std::move(items));
  }
  if (auto refused = graph_refuses(call, GraphRight::read_apps)) return *refused;
  ServicePrincipal* principal = graph_principal(call, call.path[1]);
  if (principal == nullptr) return graph_not_found(call, call.path[1]);
  if (call.path.size() > 2 && (call.at(2, "appRoleAssignedTo") || call.at(2, "appRoleAssignments"))) {
    return graph_role_assignments(call, principal->object_id);
  }
  if (call.path.size() > 2 && call.at(2, "oauth2PermissionGrants")) return graph_permission_grants(call);
  if (!call.is("GET")) {
    if (auto refused = graph_refuses(call, GraphRight::write_app, principal->owners)) return *refused;
  }
  if (call.path.size() == 2) {
    if (call.is("GET")) return graph_entity(call, kServicePrincipalShape, service_principal_object(call, *principal));
    if (call.is("PATCH")) return update(call, *principal);
    if (call.is("DELETE")) return remove(call, *principal);
    return graph_not_allowed(call);
  }
  if (call.at(2, "owners")) return graph_owners(call, principal->owners);
  if (call.at(2, "memberOf") || call.at(2, "transitiveMemberOf")) return graph_list(call, kDirectoryObjectShape, {});
  if (call.is("POST") && world.state.apps.contains(principal->client_id)) {
    const CredentialOwner owner{"ServicePrincipal", principal->object_id, principal->owners, principal->passwords,
                                principal->keys};
    if (auto answer = graph_credentials(call, owner, call.path[2])) return std::move(*answer);
  }
  return graph_error(call, 400, "BadRequest", "Resource not found for the segment '" + call.path[2] + "'.");
}

}  // namespace portalkey::sandbox
