// Consent: app roles that principals were given, and delegated permissions that clients were.
// Source: learn.microsoft.com/graph/api/resources/{approleassignment,oauth2permissiongrant}.

#include <algorithm>
#include <utility>

#include "sandbox/graph/call.h"
#include "sandbox/world/first_party.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kNoRole = "00000000-0000-0000-0000-000000000000";
const GraphShape kGrantShape{"oauth2PermissionGrants", "oAuth2PermissionGrant"};

std::string name_of_object(const GraphCall& call, std::string_view id) {
  const auto object = directory_object(call, id);
  return object ? string_member(*object, "displayName").value_or("") : std::string();
}

json::object object_of(const GraphCall& call, const AppRoleAssignment& one) {
  return {{"id", one.id},
          {"deletedDateTime", nullptr},
          {"appRoleId", one.app_role_id},
          {"createdDateTime", graph_time(one.created)},
          {"principalDisplayName", name_of_object(call, one.principal_id)},
          {"principalId", one.principal_id},
          {"principalType", one.principal_type},
          {"resourceDisplayName", name_of_object(call, one.resource_id)},
          {"resourceId", one.resource_id}};
}

json::object object_of(const PermissionGrant& one) {
  return {{"clientId", one.client_id},
          {"consentType", one.consent_type},
          {"id", one.id},
          {"principalId", one.principal_id.empty() ? json::value(nullptr) : json::value(one.principal_id)},
          {"resourceId", one.resource_id},
          {"scope", one.scope}};
}

bool offers_role(const GraphCall& call, const ServicePrincipal& resource, std::string_view role) {
  const auto object = service_principal_object(call, resource);
  const auto& roles = object.at("appRoles").get_array();
  if (role == kNoRole) return roles.empty() || find_first_party(resource.client_id) == nullptr;
  return std::ranges::any_of(roles, [&](const json::value& one) {
    return one.is_object() && same_ignoring_case(string_member(one.get_object(), "id").value_or(""), role) &&
           bool_member(one.get_object(), "isEnabled").value_or(true);
  });
}

std::string token_id(World& world) { return opaque(world.random, 43); }

HttpResponse assign(GraphCall& call, const std::string& object_id, bool to_resource, const GraphShape& shape) {
  World& world = call.world;
  const auto body = graph_body(call);
  if (!body) return body.error();
  AppRoleAssignment made;
  made.principal_id = lower(string_member(*body, "principalId").value_or(""));
  made.resource_id = lower(string_member(*body, "resourceId").value_or(""));
  made.app_role_id = lower(string_member(*body, "appRoleId").value_or(""));
  if (!is_guid(made.principal_id) || !is_guid(made.resource_id) || !is_guid(made.app_role_id)) {
    return graph_bad_request(call, "Invalid value specified for property 'principalId', 'resourceId' or 'appRoleId'.");
  }
  if ((to_resource ? made.resource_id : made.principal_id) != object_id) {
    return graph_bad_request(call, "Not a valid reference update.");
  }
  const auto* resource = graph_principal(call, made.resource_id);
  if (resource == nullptr) return graph_not_found(call, made.resource_id);
  const auto right = resource->client_id == kGraphAppId ? GraphRight::assign_graph_role : GraphRight::assign_role;
  if (auto refused = graph_refuses(call, right, resource->owners)) return *refused;
  if (graph_principal(call, made.principal_id) != nullptr) {
    made.principal_type = "ServicePrincipal";
  } else if (const auto* user = find_user_by_oid(world, made.principal_id); user != nullptr && !user->deleted) {
    made.principal_type = "User";
  } else {
    return graph_not_found(call, made.principal_id);
  }
  if (!offers_role(call, *resource, made.app_role_id)) {
    return graph_bad_request(call, "Permission being assigned was not found on application '" + resource->client_id + "'.");
  }
  for (const auto& [id, one] : world.state.app_role_assignments) {
    if (one.principal_id == made.principal_id && one.resource_id == made.resource_id && one.app_role_id == made.app_role_id) {
      return graph_bad_request(call, "Permission being assigned already exists on the object");
    }
  }
  made.id = token_id(world);
  made.created = world.clock.seconds();
  world.state.app_role_assignments.emplace(made.id, made);
  world.touch();
  return graph_entity(call, shape, object_of(call, made), 201);
}

std::string judge_grant(GraphCall& call, const PermissionGrant& grant) {
  if (grant.consent_type != "AllPrincipals" && grant.consent_type != "Principal") {
    return "Invalid value specified for property 'consentType' of resource 'OAuth2PermissionGrant'.";
  }
  const bool one_user = grant.consent_type == "Principal";
  if (one_user == grant.principal_id.empty() || (one_user && find_user_by_oid(call.world, grant.principal_id) == nullptr)) {
    return "Invalid value specified for property 'principalId' of resource 'OAuth2PermissionGrant'.";
  }
  return {};
}

HttpResponse create_grant(GraphCall& call) {
  World& world = call.world;
  if (auto refused = graph_refuses(call, GraphRight::grant_scope)) return *refused;
  const auto body = graph_body(call);
  if (!body) return body.error();
  PermissionGrant made;
  made.client_id = lower(string_member(*body, "clientId").value_or(""));
  made.resource_id = lower(string_member(*body, "resourceId").value_or(""));
  made.consent_type = string_member(*body, "consentType").value_or("");
  made.principal_id = lower(string_member(*body, "principalId").value_or(""));
  made.scope = string_member(*body, "scope").value_or("");
  for (const auto& id : {made.client_id, made.resource_id}) {
    if (graph_principal(call, id) == nullptr) return graph_not_found(call, id);
  }
  if (const auto message = judge_grant(call, made); !message.empty()) return graph_bad_request(call, message);
  for (const auto& [id, one] : world.state.permission_grants) {
    if (one.client_id == made.client_id && one.resource_id == made.resource_id && one.principal_id == made.principal_id) {
      return graph_conflict(call, "Permission entry already exists.");
    }
  }
  made.id = token_id(world);
  world.state.permission_grants.emplace(made.id, made);
  world.touch();
  return graph_entity(call, kGrantShape, object_of(made), 201);
}

/// Those of everybody, or of the client or user that `path[1]` names.
HttpResponse list_grants(GraphCall& call) {
  const std::string whose =
      call.path.size() > 2 || call.at(0, "me") ? (call.at(0, "me") ? call.caller.oid : lower(call.path[1])) : "";
  std::vector<json::object> items;
  for (const auto& [id, one] : call.world.state.permission_grants) {
    if (whose.empty() || one.client_id == whose || one.principal_id == whose) items.push_back(object_of(one));
  }
  return graph_list(call, kGrantShape, std::move(items));
}

}  // namespace

HttpResponse graph_role_assignments(GraphCall& call, const std::string& object_id) {
  State& state = call.world.state;
  const bool to_resource = call.at(2, "appRoleAssignedTo") || (call.at(0, "me") && call.at(1, "appRoleAssignedTo"));
  const std::string name = to_resource ? "appRoleAssignedTo" : "appRoleAssignments";
  const std::string context = (call.at(0, "servicePrincipals") ? "servicePrincipals('" : "users('") + object_id + "')/" + name;
  const GraphShape shape{context, "appRoleAssignment"};
  const auto last = call.path.back();
  if (same_ignoring_case(last, name)) {
    if (call.is("POST")) return assign(call, object_id, to_resource, shape);
    std::vector<json::object> items;
    for (const auto& [id, one] : state.app_role_assignments) {
      if ((to_resource ? one.resource_id : one.principal_id) == object_id) items.push_back(object_of(call, one));
    }
    return graph_list(call, shape, std::move(items));
  }
  const auto found = state.app_role_assignments.find(last);
  if (found == state.app_role_assignments.end() ||
      (to_resource ? found->second.resource_id : found->second.principal_id) != object_id) {
    return call.is("DELETE") ? graph_bad_request(call, "EntitlementGrant being updated or deleted is not found.")
                             : graph_not_found(call, last);
  }
  if (call.is("GET")) return graph_entity(call, shape, object_of(call, found->second));
  if (!call.is("DELETE")) return graph_not_allowed(call);
  const auto resource = state.service_principals.find(found->second.resource_id);
  const bool of_graph = resource != state.service_principals.end() && resource->second.client_id == kGraphAppId;
  if (auto refused = graph_refuses(call, of_graph ? GraphRight::assign_graph_role : GraphRight::assign_role)) return *refused;
  state.app_role_assignments.erase(found);
  call.world.touch();
  return graph_no_content();
}

HttpResponse graph_permission_grants(GraphCall& call) {
  State& state = call.world.state;
  const bool of_somebody = !call.at(0, "oauth2PermissionGrants");
  if (of_somebody || call.path.size() == 1) {
    if (call.is("POST") && !of_somebody) return create_grant(call);
    if (auto refused = graph_refuses(call, GraphRight::read_apps)) return *refused;
    return list_grants(call);
  }
  if (auto refused = graph_refuses(call, call.is("GET") ? GraphRight::read_apps : GraphRight::grant_scope)) return *refused;
  const auto found = state.permission_grants.find(call.path[1]);
  if (found == state.permission_grants.end()) return graph_not_found(call, call.path[1]);
  if (call.is("GET")) return graph_entity(call, kGrantShape, object_of(found->second));
  if (call.is("PATCH")) {
    const auto body = graph_body(call);
    if (!body) return body.error();
    const auto scope = string_member(*body, "scope");
    if (!scope || body->size() != 1) {
      return graph_bad_request(call, "Only the property 'scope' of resource 'OAuth2PermissionGrant' can be changed.");
    }
    found->second.scope = *scope;
  } else if (call.is("DELETE")) {
    state.permission_grants.erase(found);
  } else {
    return graph_not_allowed(call);
  }
  call.world.touch();
  return graph_no_content();
}

void forget_grants(State& state, std::string_view object_id) {
  std::erase_if(state.app_role_assignments, [&](const auto& item) {
    return item.second.principal_id == object_id || item.second.resource_id == object_id;
  });
  std::erase_if(state.permission_grants,
                [&](const auto& item) { return item.second.client_id == object_id || item.second.resource_id == object_id; });
}

}  // namespace portalkey::sandbox
