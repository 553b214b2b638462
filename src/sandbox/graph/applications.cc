// App registrations.
// Source: learn.microsoft.com/graph/api/resources/application and the pages of its methods.

#include <algorithm>
#include <set>
#include <utility>

#include "sandbox/graph/call.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {

const GraphShape kApplicationShape{"applications", "application"};

namespace {

/// Every property but those that are kept apart, as a new registration has it.
const json::object& fresh_settings() {
  static const json::object kSettings = *parse_json_object(R"({
    "deletedDateTime":null,"addIns":[],
    "api":{"acceptMappedClaims":null,"knownClientApplications":[],"requestedAccessTokenVersion":null,
           "oauth2PermissionScopes":[],"preAuthorizedApplications":[]},
    "applicationTemplateId":null,"appRoles":[],"certification":null,"createdByAppId":null,"defaultRedirectUri":null,
    "description":null,"disabledByMicrosoftStatus":null,"groupMembershipClaims":null,"identifierUris":[],
    "info":{"termsOfServiceUrl":null,"supportUrl":null,"privacyStatementUrl":null,"marketingUrl":null,"logoUrl":null},
    "isDeviceOnlyAuthSupported":null,"isFallbackPublicClient":null,"nativeAuthenticationApisEnabled":null,"notes":null,
    "optionalClaims":null,"parentalControlSettings":{"countriesBlockedForMinors":[],"legalAgeGroupRule":"Allow"},
    "publicClient":{"redirectUris":[]},"publisherDomain":"contoso.onmicrosoft.com","requestSignatureVerification":null,
    "requiredResourceAccess":[],"samlMetadataUrl":null,"serviceManagementReference":null,
    "servicePrincipalLockConfiguration":null,"signInAudience":"AzureADMyOrg","spa":{"redirectUris":[]},"tags":[],
    "tokenEncryptionKeyId":null,"uniqueName":null,
    "verifiedPublisher":{"displayName":null,"verifiedPublisherId":null,"addedDateTime":null},
    "web":{"homePageUrl":null,"logoutUrl":null,"redirectUris":[],"redirectUriSettings":[],
           "implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":false}}})");
  return kSettings;
}

constexpr std::string_view kReadOnly[] = {"id",
                                          "appId",
                                          "createdDateTime",
                                          "deletedDateTime",
                                          "publisherDomain",
                                          "certification",
                                          "verifiedPublisher",
                                          "createdByAppId",
                                          "samlMetadataUrl"};
constexpr std::string_view kSignInAudiences[] = {"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount",
                                                 "PersonalMicrosoftAccount"};

/// Objects member by member, everything else as a whole.
void merge(json::value& into, const json::value& from) {
  if (!into.is_object() || !from.is_object()) {
    into = from;
    return;
  }
  for (const auto& item : from.get_object()) merge(into.get_object()[item.key()], item.value());
}

/// A list in a list of settings: `appRoles`, or `api.oauth2PermissionScopes`.
const json::array* list_at(const json::object& settings, std::string_view outer, std::string_view inner) {
  const auto* value = member(settings, outer);
  if (value != nullptr && !inner.empty()) value = value->is_object() ? member(value->get_object(), inner) : nullptr;
  return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

struct Refusal {
  int status = 0;  ///< 0: nothing is wrong
  std::string code, message;
};
Refusal bad(std::string message) { return {400, "Request_BadRequest", std::move(message)}; }
Refusal invalid(std::string_view property) {
  return bad("Invalid value specified for property '" + std::string(property) + "' of resource 'Application'.");
}

/// Roles or scopes: every one has an id and a value of its own, and none that is enabled disappears.
Refusal judge_permissions(const json::array* now, const json::array* before, std::string_view property) {
  std::set<std::string> ids, values;
  if (now != nullptr) {
    for (const auto& item : *now) {
      if (!item.is_object()) return invalid(property);
      const auto id = string_member(item.get_object(), "id");
      if (!id || !is_guid(*id)) return invalid(std::string(property) + "/id");
      if (!ids.insert(lower(*id)).second) return bad("Property " + std::string(property) + " has duplicate values of 'id'.");
      const auto value = string_member(item.get_object(), "value");
      if (value && value->find(' ') != std::string::npos) return invalid(std::string(property) + "/value");
      if (value && !value->empty() && !values.insert(lower(*value)).second) {
        return bad("Property " + std::string(property) + " has duplicate values of 'value'.");
      }
    }
  }
  if (before == nullptr) return {};
  for (const auto& item : *before) {
    if (!item.is_object() || !bool_member(item.get_object(), "isEnabled").value_or(true)) continue;
    if (!ids.contains(lower(string_member(item.get_object(), "id").value_or("")))) {
      return {400, "CannotDeleteOrUpdateEnabledEntitlement",
              "Permission (scope or role) cannot be deleted or updated unless disabled first."};
    }
  }
  return {};
}

Refusal judge_redirects(const json::object& settings, std::string_view platform) {
  const auto* list = list_at(settings, platform, "redirectUris");
  if (list == nullptr) return {};
  for (const auto& item : *list) {
    const std::string uri = item.is_string() ? std::string(view(item.get_string())) : std::string();
    const auto scheme = uri.find(':');
    const bool local = uri.starts_with("http://localhost") || uri.starts_with("http://127.0.0.1");
    // A native client may have a scheme of its own; a web page is https, or on this machine.
    const bool fine = platform == "publicClient" ? scheme != std::string::npos && (!uri.starts_with("http://") || local)
                                                 : uri.starts_with("https://") || local;
    if (!fine || uri.size() > 256 || uri.find('#') != std::string::npos || uri.find(' ') != std::string::npos) {
      return invalid(std::string(platform) + "/redirectUris");
    }
  }
  return {};
}

/// Whether an identifier URI names the app, the tenant or one of its domains in its host or path.
bool is_bound_to_tenant(const World& world, const SandboxApp& app, std::string_view uri) {
  std::string_view rest = uri.substr(uri.find("://") + 3);
  bool host = true;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const std::string part = lower(rest.substr(0, slash));
    if (part == app.client_id || part == world.state.tenant_id) return true;
    for (const auto domain : {kDomain, kInitialDomain}) {
      if (host && (part == domain || part.ends_with('.' + std::string(domain)))) return true;
    }
    host = false;
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return false;
}

/// The rules of identifier URIs; those that were there `before` stay whatever they are. The default policy for apps whose
/// tokens are of version 1 is learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions.
Refusal judge_identifiers(const World& world, const SandboxApp& app, const json::object& settings, const json::object& before) {
  const auto* list = list_at(settings, "identifierUris", {});
  if (list == nullptr) return {};
  const auto* old = list_at(before, "identifierUris", {});
  const auto* api = member(settings, "api");
  const bool version2 = api != nullptr && api->is_object() && int_member(api->get_object(), "requestedAccessTokenVersion") == 2;
  std::set<std::string> wanted;
  Refusal unbound;
  for (const auto& item : *list) {
    const std::string uri = item.is_string() ? std::string(view(item.get_string())) : std::string();
    if (uri.size() > 255 || uri.ends_with('/') || uri.find("://") == std::string::npos) return invalid("identifierUris");
    wanted.insert(lower(uri));
    if (version2 || is_bound_to_tenant(world, app, uri)) continue;
    if (old != nullptr && std::ranges::find(*old, item) != old->end()) continue;
    unbound = {
        400, "HostNameNotOnVerifiedDomain",
        "Failed to add identifier URI " + uri +
            ". All newly added URIs must contain a tenant verified domain, tenant ID, or app ID, as per the default tenant "
            "policy of your organization. See https://aka.ms/identifier-uri-addition-error for more information on this "
            "error."};
  }
  for (const auto& [client_id, other] : world.state.apps) {
    if (client_id == app.client_id) continue;
    const auto theirs = parse_json_object(other.settings);
    const auto* taken = theirs ? list_at(*theirs, "identifierUris", {}) : nullptr;
    if (taken == nullptr) continue;
    for (const auto& item : *taken) {
      if (item.is_string() && wanted.contains(lower(view(item.get_string())))) {
        return {409, "Request_MultipleObjectsWithSameKeyValue",
                "Another object with the same value for property identifierUris already exists."};
      }
    }
  }
  return unbound;
}

/// Takes a body over into an app that is a copy; the caller keeps it if nothing is wrong.
Refusal take_properties(World& world, const json::object& body, SandboxApp& app) {
  const json::object before = parse_json_object(app.settings).value_or(json::object());
  json::object settings = before;
  for (const auto& item : body) {
    const std::string_view key(item.key().data(), item.key().size());
    if (key.starts_with("@odata.")) continue;
    if (std::ranges::find(kReadOnly, key) != std::end(kReadOnly)) {
      return bad("Property '" + std::string(key) + "' is read-only and cannot be set.");
    }
    if (key == "displayName") {
      if (!item.value().is_string() || item.value().get_string().empty() || item.value().get_string().size() > 256) {
        return invalid(key);
      }
      app.name = view(item.value().get_string());
    } else if (key == "keyCredentials") {
      if (auto message = take_keys(world, item.value(), "Application", app.keys); !message.empty())
        return bad(std::move(message));
    } else if (key == "passwordCredentials") {
      // A secret is made by addPassword; here, old ones can only be left out.
      if (!item.value().is_array()) return invalid(key);
      if (!keep_passwords(item.value().get_array(), app.passwords))
        return {400, "CannotUpdatePasswordCredential", "New password credentials must be generated with service actions."};
    } else {
      const auto shape = fresh_settings().find(item.key());
      if (shape == fresh_settings().end()) {
        return {
            400, "BadRequest",
            "Invalid property '" + std::string(key) + "'. The property does not exist on type 'microsoft.graph.application'."};
      }
      if (shape->value().is_array() != item.value().is_array() || (shape->value().is_object() && !item.value().is_object())) {
        return invalid(key);
      }
      if (!settings.contains(item.key())) settings[item.key()] = shape->value();
      merge(settings[item.key()], item.value());
    }
  }
  if (const auto audience = string_member(settings, "signInAudience");
      audience && std::ranges::find(kSignInAudiences, *audience) == std::end(kSignInAudiences)) {
    return invalid("signInAudience");
  }
  const auto roles = [](const json::object& from) { return list_at(from, "appRoles", {}); };
  const auto scopes = [](const json::object& from) { return list_at(from, "api", "oauth2PermissionScopes"); };
  if (auto no = judge_permissions(roles(settings), roles(before), "appRoles"); no.status != 0) return no;
  if (auto no = judge_permissions(scopes(settings), scopes(before), "api/oauth2PermissionScopes"); no.status != 0) return no;
  for (const auto platform : {"web", "spa", "publicClient"}) {
    if (auto no = judge_redirects(settings, platform); no.status != 0) return no;
  }
  if (auto no = judge_identifiers(world, app, settings, before); no.status != 0) return no;
  app.settings = json::serialize(settings);
  return {};
}

HttpResponse create(GraphCall& call) {
  World& world = call.world;
  if (auto refused = graph_refuses(call, GraphRight::create_app)) return *refused;
  const auto body = graph_body(call);
  if (!body) return body.error();
  SandboxApp app;
  app.client_id = world.random.guid();
  app.object_id = world.random.guid();
  app.created = world.clock.seconds();
  app.owners = graph_owner(call);
  if (auto no = take_properties(world, *body, app); no.status != 0) return graph_error(call, no.status, no.code, no.message);
  if (app.name.empty()) return graph_bad_request(call, invalid("displayName").message);
  begin_replication(world, app.object_id);
  world.touch();
  const auto& kept = world.state.apps.emplace(app.client_id, app).first->second;
  return graph_entity(call, kApplicationShape, application_object(call, kept, false), 201);
}

HttpResponse update(GraphCall& call, SandboxApp& app) {
  if (auto refused = graph_refuses(call, GraphRight::write_app, app.owners)) return *refused;
  const auto body = graph_body(call);
  if (!body) return body.error();
  SandboxApp changed = app;
  if (auto no = take_properties(call.world, *body, changed); no.status != 0)
    return graph_error(call, no.status, no.code, no.message);
  app = std::move(changed);
  call.world.touch();
  return graph_no_content();
}

HttpResponse remove(GraphCall& call, const SandboxApp& app) {
  State& state = call.world.state;
  if (auto refused = graph_refuses(call, GraphRight::write_app, app.owners)) return *refused;
  if (app.client_id == state.own_client_id) {
    return graph_bad_request(call, "The sandbox needs its registration 'portalkey'; it cannot be deleted.");
  }
  const std::string client_id = app.client_id;
  std::erase_if(state.service_principals, [&](const auto& item) {
    if (item.second.client_id != client_id) return false;
    forget_grants(state, item.first);
    return true;
  });
  state.apps.erase(client_id);
  call.world.touch();
  return graph_no_content();
}

/// By object id, or `appId=…`.
SandboxApp* find_app(World& world, std::string_view key) {
  if (!lower(key).starts_with("appid=")) return find_app_by_object_id(world, lower(key));
  const auto found = world.state.apps.find(lower(key.substr(6)));
  return found == world.state.apps.end() ? nullptr : &found->second;
}

}  // namespace

SandboxApp* find_app_by_object_id(World& world, std::string_view object_id) {
  for (auto& [client_id, app] : world.state.apps) {
    if (app.object_id == object_id) return &app;
  }
  return nullptr;
}

json::object application_object(const GraphCall&, const SandboxApp& app, bool with_keys) {
  json::value all = fresh_settings();
  if (auto settings = parse_json_object(app.settings)) merge(all, *settings);
  json::object out{{"id", app.object_id},
                   {"appId", app.client_id},
                   {"displayName", app.name},
                   {"createdDateTime", graph_time(app.created)},
                   {"keyCredentials", key_objects(app.keys, with_keys)},
                   {"passwordCredentials", password_objects(app.passwords)}};
  for (auto& item : all.get_object()) out[item.key()] = item.value();
  return out;
}

HttpResponse graph_applications(GraphCall& call) {
  World& world = call.world;
  if (call.path.size() == 1) {
    if (call.is("POST")) return create(call);
    if (!call.is("GET")) return graph_not_allowed(call);
    if (auto refused = graph_refuses(call, GraphRight::read_apps)) return *refused;
    std::vector<json::object> items;
    for (const auto& [client_id, app] : world.state.apps) {
      if (is_replicated(world, app.object_id, app.created)) {
        items.push_back(application_object(call, app, graph_selects(call, "keyCredentials")));
      }
    }
    return graph_list(call, kApplicationShape, std::move(items));
  }
  SandboxApp* app = find_app(world, call.path[1]);
  if (call.is("GET")) {
    if (auto refused = graph_refuses(call, GraphRight::read_apps)) return *refused;
    if (app != nullptr && !is_replicated(world, app->object_id, app->created)) app = nullptr;
  }
  if (app == nullptr) return graph_not_found(call, call.path[1]);
  if (call.path.size() == 2) {
    if (call.is("GET")) {
      return graph_entity(call, kApplicationShape, application_object(call, *app, graph_selects(call, "keyCredentials")));
    }
    if (call.is("PATCH")) return update(call, *app);
    if (call.is("DELETE")) return remove(call, *app);
  } else {
    if (call.at(2, "owners")) {
      if (!call.is("GET")) {
        if (auto refused = graph_refuses(call, GraphRight::write_app, app->owners)) return *refused;
      }
      return graph_owners(call, app->owners);
    }
    if (call.at(2, "federatedIdentityCredentials")) return graph_federated(call, *app);
    if (call.is("POST")) {
      if (auto answer =
              graph_credentials(call, {"Application", app->object_id, app->owners, app->passwords, app->keys}, call.path[2]))
        return std::move(*answer);
    }
    return graph_error(call, 400, "BadRequest", "Resource not found for the segment '" + call.path[2] + "'.");
  }
  return graph_not_allowed(call);
}

}  // namespace portalkey::sandbox
