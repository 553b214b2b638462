// Role assignments, role definitions, and what the caller may do: extension resources of any scope.

#include <algorithm>

#include "base/time_text.h"
#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kPath = "/providers/Microsoft.Authorization/";

std::string definition_id(const State& state, std::string_view role) {
  return subscription_scope(state) + std::string(kPath) + "roleDefinitions/" + std::string(role);
}

json::object assignment_json(const State& state, const RoleAssignment& one) {
  json::object properties{{"roleDefinitionId", definition_id(state, one.role)},
                          {"principalId", one.principal_id},
                          {"principalType", one.principal_type},
                          {"scope", one.scope},
                          {"createdOn", iso_time(from_unix_seconds(one.created))},
                          {"updatedOn", iso_time(from_unix_seconds(one.updated))},
                          {"createdBy", one.created_by},
                          {"updatedBy", one.created_by}};
  if (!one.description.empty()) properties["description"] = one.description;
  if (!one.condition.empty()) {
    properties["condition"] = one.condition;
    properties["conditionVersion"] = one.condition_version;
  }
  return {{"properties", std::move(properties)},
          {"id", one.scope + std::string(kPath) + "roleAssignments/" + one.name},
          {"type", "Microsoft.Authorization/roleAssignments"},
          {"name", one.name}};
}

template <class List>
json::array names(const List& list) {
  json::array out;
  for (const auto one : list) out.emplace_back(one);
  return out;
}

json::object permission_json(const RoleDefinition& role) {
  return {{"actions", names(role.actions)},
          {"notActions", names(role.not_actions)},
          {"dataActions", names(role.data_actions)},
          {"notDataActions", json::array{}}};
}

json::object definition_json(const State& state, const RoleDefinition& role, bool in_subscription) {
  return {
      {"properties",
       {{"roleName", role.name},
        {"type", "BuiltInRole"},
        {"description", role.description},
        {"assignableScopes", json::array{"/"}},
        {"permissions", json::array{permission_json(role)}},
        {"createdOn", "2015-02-02T21:55:09Z"},
        {"updatedOn", "2023-04-04T00:41:28Z"}}},
      {"id", in_subscription ? definition_id(state, role.id) : std::string(kPath) + "roleDefinitions/" + std::string(role.id)},
      {"type", "Microsoft.Authorization/roleDefinitions"},
      {"name", role.id}};
}

/// The conditions of a `$filter`: `atScope()`, `principalId eq 'x'`, `assignedTo('x')`, joined by `and`.
struct Filter {
  bool at_scope = false;
  std::string principal, role_name, type;
};

std::optional<Filter> read_filter(std::string_view text) {
  Filter out;
  std::string_view rest = trimmed(text);
  const auto quoted = [&](std::size_t from) -> std::optional<std::string> {
    const auto begin = rest.find('\'', from);
    const auto end = begin == std::string_view::npos ? begin : rest.find('\'', begin + 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string value(rest.substr(begin + 1, end - begin - 1));
    rest = rest.substr(end + 1);
    return value;
  };
  while (!rest.empty()) {
    const std::string low = lower(rest);
    if (low.starts_with("and ")) {
      rest = trimmed(rest.substr(4));
    } else if (low.starts_with("atscope()")) {
      out.at_scope = true;
      rest = trimmed(rest.substr(9));
    } else if (low.starts_with("atscopeandbelow()")) {
      rest = trimmed(rest.substr(17));
    } else if (low.starts_with("principalid eq") || low.starts_with("assignedto(")) {
      const bool function = low.starts_with("assignedto(");
      const auto value = quoted(0);
      if (!value || !is_guid(*value)) return std::nullopt;
      out.principal = *value;
      if (function) {
        rest = trimmed(rest);
        if (!rest.starts_with(')')) return std::nullopt;
        rest = rest.substr(1);
      }
      rest = trimmed(rest);
    } else if (low.starts_with("rolename eq") || low.starts_with("type eq")) {
      const bool type = low.starts_with("type");
      const auto value = quoted(0);
      if (!value) return std::nullopt;
      (type ? out.type : out.role_name) = *value;
      rest = trimmed(rest);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

HttpResponse bad_filter() {
  return arm_error(
      400, "InvalidFilter",
      "The filter is not valid. Supported: atScope(), principalId eq '{id}', assignedTo('{id}'), roleName eq '{name}'.");
}

/// nullopt if the principal may be given a role; fills in its type if the caller left it out.
std::optional<HttpResponse> check_principal(const ArmCall& call, RoleAssignment& made) {
  const World& world = call.world;
  const auto known = find_principal(world, made.principal_id);
  // Who names the type is not held up by a directory replica that lags behind.
  const bool fresh =
      known && made.principal_type.empty() && !is_replicated(call.world, lower(made.principal_id), known->created);
  if (!known || fresh) {
    std::string bare = made.principal_id;
    std::erase(bare, '-');
    return arm_error(
        400, "PrincipalNotFound",
        "Principal " + bare + " does not exist in the directory " + world.state.tenant_id +
            ". Check that you have the correct principal ID. If you are creating this principal and then immediately assigning "
            "a role, this error might be related to a replication delay. In this case, set the role assignment principalType "
            "property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype");
  }
  if (made.principal_type.empty()) made.principal_type = known->type;
  if (same_ignoring_case(made.principal_type, known->type)) {
    made.principal_type = known->type;
    return std::nullopt;
  }
  return arm_error(400, "UnmatchedPrincipalType",
                   "The PrincipalId '" + made.principal_id + "' has type '" + known->type +
                       "' , which is different from specified PrinciaplType '" + made.principal_type + "'.");
}

HttpResponse put_assignment(ArmCall& call, const std::string& scope, const std::string& name) {
  World& world = call.world;
  auto& all = world.state.azure.role_assignments;
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  if (!is_guid(name)) {
    return arm_error(400, "InvalidRoleAssignmentId",
                     "The role assignment ID '" + name + "' is not valid. The role assignment ID must be a GUID.");
  }
  const auto* properties = member(body, "properties");
  if (properties == nullptr || !properties->is_object()) {
    return arm_error(400, "BadRequestFormat", "The request was incorrectly formatted.");
  }
  const auto& in = properties->get_object();
  const auto definition = string_member(in, "roleDefinitionId");
  const auto principal = string_member(in, "principalId");
  if (!definition || definition->empty()) return arm_error(400, "BadRequestFormat", "The request was incorrectly formatted.");
  if (!principal || !is_guid(*principal)) {
    return arm_error(400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment.");
  }
  const auto slash = definition->rfind('/');
  const auto* role = find_role(std::string_view(*definition).substr(slash == std::string::npos ? 0 : slash + 1));
  if (role == nullptr) {
    return arm_error(404, "RoleDefinitionDoesNotExist",
                     "The specified role definition with ID '" +
                         definition->substr(slash == std::string::npos ? 0 : slash + 1) + "' does not exist.");
  }
  RoleAssignment made;
  made.name = lower(name);
  made.scope = scope;
  made.role = role->id;
  made.principal_id = lower(*principal);
  made.principal_type = string_member(in, "principalType").value_or("");
  made.description = string_member(in, "description").value_or("");
  made.condition = string_member(in, "condition").value_or("");
  made.condition_version = string_member(in, "conditionVersion").value_or(made.condition.empty() ? "" : "2.0");
  static constexpr std::string_view kTypes[] = {"", "User", "Group", "ServicePrincipal", "ForeignGroup", "Device"};
  if (std::ranges::none_of(kTypes, [&](auto type) { return same_ignoring_case(type, made.principal_type); })) {
    return arm_error(400, "BadRequestFormat", "The request was incorrectly formatted.");
  }
  if (auto refused = check_principal(call, made)) return *refused;
  made.updated = world.clock.seconds();
  if (const auto found = all.find(made.name); found != all.end()) {
    RoleAssignment& known = found->second;
    if (known.role != made.role || known.principal_id != made.principal_id || !same_ignoring_case(known.scope, scope)) {
      return arm_error(400, "RoleAssignmentUpdateNotPermitted",
                       "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");
    }
    known.description = made.description;
    known.condition = made.condition;
    known.condition_version = made.condition_version;
    known.updated = made.updated;
    world.touch();
    return json_answer(200, assignment_json(world.state, known));
  }
  for (const auto& [other, known] : all) {
    if (known.role == made.role && known.principal_id == made.principal_id && same_ignoring_case(known.scope, scope)) {
      std::string bare = other;
      std::erase(bare, '-');
      return arm_error(409, "RoleAssignmentExists",
                       "The role assignment already exists. The ID of the existing role assignment is " + bare + '.');
    }
  }
  made.created = made.updated;
  made.created_by = call.caller.oid;
  const auto& stored = all[made.name] = made;
  world.touch();
  return json_answer(201, assignment_json(world.state, stored));
}

HttpResponse list_assignments(ArmCall& call, const std::string& scope) {
  const auto filter = read_filter(call.parameter("$filter").value_or(""));
  if (!filter) return bad_filter();
  json::array list;
  for (const auto& [name, one] : call.world.state.azure.role_assignments) {
    const bool above = lies_within(scope, one.scope);
    const bool below = lies_within(one.scope, scope);
    if (!above && (filter->at_scope || !below)) continue;
    if (!filter->principal.empty() && !same_ignoring_case(filter->principal, one.principal_id)) continue;
    list.emplace_back(assignment_json(call.world.state, one));
  }
  return json_answer(200, list_answer(std::move(list)));
}

HttpResponse role_assignments(ArmCall& call, std::size_t at, const std::string& scope) {
  World& world = call.world;
  auto& all = world.state.azure.role_assignments;
  const std::string verb = call.method == "GET" ? "read" : call.method == "DELETE" ? "delete" : "write";
  if (auto refused = require(call, "Microsoft.Authorization/roleAssignments/" + verb, scope)) return *refused;
  if (auto refused = require_scope(call, at)) return *refused;
  if (call.ends(at + 3)) return call.method == "GET" ? list_assignments(call, scope) : arm_method_not_allowed(call);
  if (!call.ends(at + 4)) return arm_method_not_allowed(call);
  const std::string name = call.parts[at + 3];
  if (call.method == "PUT") return put_assignment(call, scope, name);
  const auto found = all.find(lower(name));
  const bool there = found != all.end() && same_ignoring_case(found->second.scope, scope);
  if (call.method == "DELETE") {
    if (!there) return empty_answer(204);
    const auto body = assignment_json(world.state, found->second);
    all.erase(found);
    world.touch();
    return json_answer(200, body);
  }
  if (call.method != "GET") return arm_method_not_allowed(call);
  if (!there) return arm_error(404, "RoleAssignmentNotFound", "The role assignment '" + name + "' is not found.");
  return json_answer(200, assignment_json(world.state, found->second));
}

HttpResponse role_definitions(ArmCall& call, std::size_t at, const std::string& scope) {
  if (call.method != "GET") return arm_method_not_allowed(call);
  const bool in_subscription = !scope.empty();
  if (in_subscription) {
    if (auto refused = require(call, "Microsoft.Authorization/roleDefinitions/read", scope)) return *refused;
  }
  if (call.ends(at + 4)) {
    const auto* role = find_role(call.parts[at + 3]);
    if (role == nullptr) {
      return arm_error(404, "RoleDefinitionDoesNotExist",
                       "The specified role definition with ID '" + call.parts[at + 3] + "' does not exist.");
    }
    return json_answer(200, definition_json(call.world.state, *role, in_subscription));
  }
  const auto filter = read_filter(call.parameter("$filter").value_or(""));
  if (!filter) return bad_filter();
  json::array list;
  if (!same_ignoring_case(filter->type, "CustomRole")) {
    for (const auto& role : built_in_roles()) {
      if (!filter->role_name.empty() && !same_ignoring_case(filter->role_name, role.name)) continue;
      list.emplace_back(definition_json(call.world.state, role, in_subscription));
    }
  }
  return json_answer(200, list_answer(std::move(list)));
}

/// What the caller's own roles allow at the scope.
HttpResponse permissions(const ArmCall& call, const std::string& scope) {
  json::array list;
  for (const auto& [name, one] : call.world.state.azure.role_assignments) {
    if (!same_ignoring_case(one.principal_id, call.caller.oid) || !lies_within(scope, one.scope)) continue;
    if (one.created + call.world.state.policy.replication_delay > call.world.clock.seconds()) continue;
    if (const auto* role = find_role(one.role)) list.emplace_back(permission_json(*role));
  }
  return json_answer(200, list_answer(std::move(list)));
}

}  // namespace

HttpResponse arm_authorization(ArmCall& call, std::size_t at) {
  const std::string& type = call.parts[at + 2];
  if (same_ignoring_case(type, "locks")) return arm_locks(call, at);
  if (auto refused = require_version(call, kAuthorizationVersions, type)) return *refused;
  const std::string scope = scope_before(call, at);
  if (same_ignoring_case(type, "roleAssignments")) return role_assignments(call, at, scope);
  if (same_ignoring_case(type, "roleDefinitions")) return role_definitions(call, at, scope);
  if (same_ignoring_case(type, "permissions") && call.ends(at + 3) && call.method == "GET") {
    if (auto refused = require_scope(call, at)) return *refused;
    return permissions(call, scope);
  }
  return arm_error(404, "InvalidResourceType", "There is no resource type '" + type + "'.");
}

}  // namespace portalkey::sandbox
