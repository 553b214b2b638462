// Deployments of templates to a resource group or the subscription.

#include <algorithm>

#include "sandbox/arm/deployment_run.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

json::object deployment_json(const Deployment& one, bool counts, std::string_view state = {}) {
  auto properties = parse_json_object(one.properties).value_or(json::object());
  if (!state.empty() || (counts && one.polls_left > 0)) {
    properties["provisioningState"] = state.empty() ? std::string_view("Running") : state;
    for (const auto* name : {"outputs", "outputResources", "error"}) properties.erase(name);
  }
  json::object out{{"id", one.id}, {"name", one.name}, {"type", "Microsoft.Resources/deployments"}};
  if (!one.location.empty()) out["location"] = one.location;
  if (auto tags = parse_json_object(one.tags); tags && !tags->empty()) out["tags"] = std::move(*tags);
  out["properties"] = std::move(properties);
  return out;
}

HttpResponse not_found(std::string_view name) {
  return arm_error(404, "DeploymentNotFound", "Deployment '" + std::string(name) + "' could not be found.");
}

/// Reads the body of PUT, validate and whatIf.
std::expected<Template, HttpResponse> read_request(const ArmCall& call, DeploymentTarget target, json::object& body) {
  if (auto refused = read_body(call, body)) return std::unexpected(std::move(*refused));
  const auto* properties = member(body, "properties");
  if (properties == nullptr || !properties->is_object()) {
    return std::unexpected(arm_error(400, "InvalidRequestContent", "The deployment's 'properties' are missing."));
  }
  target.location = string_member(body, "location").value_or("");
  if (target.group.empty() && target.location.empty()) {
    return std::unexpected(arm_error(400, "InvalidDeployment",
                                     "The 'location' property must be specified for '" + target.name +
                                         "'. Please see https://aka.ms/deploy-to-subscription for usage details."));
  }
  if (!target.group.empty() && !target.location.empty()) {
    return std::unexpected(
        arm_error(400, "InvalidDeployment",
                  "The 'location' property is not allowed for '" + target.name +
                      "' at resource group scope. Please see https://aka.ms/deploy-to-subscription for usage "
                      "details."));
  }
  if (!target.location.empty() && !is_location(call, target.location)) {
    return std::unexpected(arm_error(400, "LocationNotAvailableForDeployment",
                                     "The provided location '" + target.location +
                                         "' is not available for deployment. List of available regions is '" +
                                         location_names(call) + "'."));
  }
  auto parsed = read_template(call, target, properties->get_object());
  if (!parsed) return parsed;
  if (auto refused = preflight(call, *parsed)) return std::unexpected(std::move(*refused));
  return parsed;
}

HttpResponse put_deployment(ArmCall& call, const DeploymentTarget& target) {
  World& world = call.world;
  auto& all = world.state.azure.deployments;
  json::object body;
  auto parsed = read_request(call, target, body);
  if (!parsed) return parsed.error();
  const std::string key = lower(target.id(world.state));
  const auto known = all.find(key);
  const bool replaces = known != all.end();
  if (replaces && known->second.location != percent_free_location(parsed->target.location)) {
    return arm_error(409, "InvalidDeploymentLocation",
                     "Invalid deployment location '" + parsed->target.location + "'. The deployment '" + target.name +
                         "' already exists in location '" + known->second.location + "'.");
  }
  run_deployment(call, std::move(*parsed));
  Deployment& made = all.at(key);
  if (const auto* tags = member(body, "tags"); tags != nullptr && tags->is_object()) made.tags = json::serialize(*tags);
  made.polls_left = call.polls();
  const auto shown = parse_json_object(made.properties);
  const auto* error = shown ? member(*shown, "error") : nullptr;
  const std::string operation =
      begin_operation(call, 200, error == nullptr ? "" : json::serialize(json::object{{"error", *error}}), made.id);
  auto answer = json_answer(replaces ? 200 : 201, deployment_json(made, false, made.polls_left > 0 ? "Accepted" : ""));
  answer.headers.emplace_back("Azure-AsyncOperation", call.link(made.id + "/operationStatuses/" + operation));
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

HttpResponse validate(ArmCall& call, const DeploymentTarget& target) {
  json::object body;
  auto parsed = read_request(call, target, body);
  if (!parsed) return parsed.error();
  json::array resources;
  for (const auto& resource : parsed->resources) {
    if (resource.wanted && !resource.existing) resources.push_back(json::object{{"id", resource.id}});
  }
  return json_answer(200, {{"id", target.id(call.world.state)},
                           {"name", target.name},
                           {"type", "Microsoft.Resources/deployments"},
                           {"properties",
                            {{"mode", "Incremental"},
                             {"provisioningState", "Succeeded"},
                             {"correlationId", call.correlation_id},
                             {"parameters", parsed->shown_parameters},
                             {"validatedResources", std::move(resources)}}}});
}

HttpResponse ask_what_if(ArmCall& call, const DeploymentTarget& target) {
  json::object body;
  auto parsed = read_request(call, target, body);
  if (!parsed) return parsed.error();
  bool ids_only = false;
  if (const auto* properties = member(body, "properties")) {
    const auto* settings = member(properties->get_object(), "whatIfSettings");
    ids_only = settings != nullptr && settings->is_object() &&
               same_ignoring_case(string_member(settings->get_object(), "resultFormat").value_or(""), "ResourceIdOnly");
  }
  const auto result = what_if(call, std::move(*parsed), ids_only);
  if (!result) return result.error();
  return accepted(
      call, subscription_scope(call.world.state) + "/operationresults/" + begin_operation(call, 200, json::serialize(*result)));
}

HttpResponse show_operations(const ArmCall& call, const Deployment& deployment, std::string_view id) {
  const auto list = parse_json(deployment.operations);
  if (id.empty()) return json_answer(200, {{"value", list ? *list : json::array{}}});
  if (list && list->is_array()) {
    for (const auto& one : list->get_array()) {
      if (string_member(one.get_object(), "operationId") == id) return json_answer(200, one);
    }
  }
  return arm_error(
      404, "DeploymentOperationNotFound",
      "Operation '" + std::string(id) + "' of deployment '" + deployment.name + "' could not be found at " + call.path() + '.');
}

}  // namespace

HttpResponse arm_deployment_operations(ArmCall& call, std::size_t at) {
  DeploymentTarget target{at > 2 ? call.parts[3] : std::string(), call.parts[at + 1], {}};
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  if (auto refused = require(call, "Microsoft.Resources/deployments/operations/read", target.scope_id(call.world.state))) {
    return *refused;
  }
  const auto& all = call.world.state.azure.deployments;
  const auto found = all.find(lower(target.id(call.world.state)));
  if (found == all.end()) return not_found(target.name);
  return show_operations(call, found->second, call.parts.size() > at + 3 ? call.parts[at + 3] : std::string());
}

HttpResponse arm_deployments(ArmCall& call, std::size_t at) {
  World& world = call.world;
  auto& all = world.state.azure.deployments;
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  DeploymentTarget target;
  if (at == 4 && call.is(2, "resourcegroups")) {
    target.group = call.parts[3];
  } else if (at != 2 || !call.is(0, "subscriptions")) {
    return arm_error(400, "InvalidDeployment", "The sandbox deploys to a resource group or to its subscription only.");
  }
  const std::string scope = target.scope_id(world.state);
  const std::string verb = call.parts.size() > at + 4 ? lower(call.parts[at + 4]) : std::string();
  const bool reads = call.method == "GET" || call.method == "HEAD";
  const std::string action = verb == "whatif"          ? "whatIf/action"
                             : verb == "validate"      ? "validate/action"
                             : verb == "cancel"        ? "cancel/action"
                             : verb == "operations"    ? "operations/read"
                             : reads                   ? "read"
                             : call.method == "DELETE" ? "delete"
                                                       : "write";
  if (auto refused = require(call, "Microsoft.Resources/deployments/" + action, scope)) return *refused;
  if (!target.group.empty()) {
    const auto* group = find_group(world, target.group);
    if (group == nullptr) return group_not_found(target.group);
    target.group = group->name;
  }
  if (call.ends(at + 3)) {
    if (!reads) return arm_method_not_allowed(call);
    json::array list;
    const std::string prefix = lower(scope) + "/providers/microsoft.resources/deployments/";
    for (const auto& [key, one] : all) {
      if (key.starts_with(prefix)) list.emplace_back(deployment_json(one, true));
    }
    return list_page(call, std::move(list));
  }
  target.name = call.parts[at + 3];
  if (target.name.size() > 64) {
    return arm_error(400, "InvalidDeploymentName", "The deployment name '" + target.name + "' is longer than 64 characters.");
  }
  if (call.method == "POST" && call.ends(at + 5) && verb == "whatif") return ask_what_if(call, target);
  if (call.method == "POST" && call.ends(at + 5) && verb == "validate") return validate(call, target);
  if (call.method == "PUT" && call.ends(at + 4)) return put_deployment(call, target);
  const auto found = all.find(lower(target.id(world.state)));
  if (call.method == "DELETE" && found == all.end()) return empty_answer(204);
  if (found == all.end()) return not_found(target.name);
  if (verb == "operations" && reads) {
    return show_operations(call, found->second, call.parts.size() > at + 5 ? call.parts[at + 5] : std::string());
  }
  if (verb == "cancel" && call.method == "POST") {
    found->second.polls_left = 0;
    return empty_answer(204);
  }
  if (!call.ends(at + 4)) return arm_method_not_allowed(call);
  if (call.method == "HEAD") return empty_answer(204);
  if (call.method == "DELETE") {
    all.erase(found);
    return accepted(call, subscription_scope(world.state) + "/operationresults/" + begin_operation(call, 204, {}));
  }
  if (call.method != "GET") return arm_method_not_allowed(call);
  const auto body = deployment_json(found->second, !call.within_deployment);
  if (!call.within_deployment && found->second.polls_left > 0) {
    --found->second.polls_left;
    world.touch();
  }
  return json_answer(200, body);
}

}  // namespace portalkey::sandbox
