#include "sandbox/arm/deployment_run.h"

#include <algorithm>
#include <set>

#include "base/time_text.h"
#include "sandbox/world/rbac.h"
#include "sandbox/world/signing_key.h"

namespace portalkey::sandbox {
namespace {

json::value error_of(const HttpResponse& answer) {
  const auto body = parse_json_object(answer.body);
  const auto* error = body ? member(*body, "error") : nullptr;
  return error == nullptr ? json::value{{"code", "InternalServerError"}, {"message", answer.body}} : *error;
}

std::string status_name(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 400: return "BadRequest";
    case 403: return "Forbidden";
    case 404: return "NotFound";
    case 405: return "MethodNotAllowed";
    case 409: return "Conflict";
    default: return status < 400 ? "OK" : "InternalServerError";
  }
}

class Run {
 public:
  Run(const ArmCall& call, Template parsed) : call_(call), parsed_(std::move(parsed)) {
    call_.within_deployment = true;
    parsed_.scope.reference = [this](const std::string& what, bool full) { return reference(what, full); };
    parsed_.scope.symbol = [this](std::string_view symbol) {
      const auto* found = find_resource(parsed_, symbol);
      return found == nullptr ? std::string() : found->id;
    };
  }

  bool all() {
    for (const auto& resource : parsed_.resources) {
      if (!deploy(resource)) break;
    }
    json::object outputs;
    if (error_.is_null()) {
      if (auto made = evaluate_outputs(); made) {
        outputs = std::move(*made);
      } else {
        error_ = {{"code", "DeploymentOutputEvaluationFailed"},
                  {"message",
                   "Unable to evaluate template outputs. Please see error details and https://aka.ms/arm-common-errors "
                   "for usage details."},
                  {"details", json::array{{{"code", "DeploymentOutputEvaluationFailed"}, {"message", made.error()}}}}};
      }
    }
    record(std::move(outputs));
    return error_.is_null();
  }

 private:
  /// False once something failed.
  bool deploy(const TemplateResource& resource) {
    if (!error_.is_null()) return false;
    if (resource.existing || !resource.wanted || done_.contains(&resource)) return true;
    if (!running_.insert(&resource).second) {
      fail(resource, 400,
           {{"code", "InvalidTemplate"},
            {"message", "Circular dependency detected on resource: '" + resource.id +
                            "'. Please see https://aka.ms/arm-syntax-resources for usage details."}});
      return false;
    }
    for (const auto& before : resource.depends_on) {
      const auto* other = find_resource(parsed_, before);
      if (other != nullptr && !deploy(*other)) return false;
    }
    auto body = resource_body(parsed_, resource);
    if (!error_.is_null()) return false;
    if (!body) {
      fail(resource, 400, {{"code", "InvalidTemplate"}, {"message", body.error()}});
      return false;
    }
    const HttpResponse answer = is_deployment(resource) ? deploy_nested(resource, body->get_object()) : put(resource, *body);
    if (answer.status >= 400) {
      fail(resource, answer.status, error_of(answer));
      return false;
    }
    note(resource, answer.status, nullptr);
    done_.insert(&resource);
    outputs_of_.push_back(resource.id);
    return true;
  }

  HttpResponse put(const TemplateResource& resource, const json::value& body) {
    ArmCall call = call_.other("PUT", resource.id, resource.api_version, json::serialize(body));
    return arm_dispatch(call);
  }

  HttpResponse deploy_nested(const TemplateResource& resource, const json::object& body) {
    DeploymentTarget target{resource.group, resource.name, string_member(body, "location").value_or("")};
    if (!target.group.empty() && find_group(call_.world, target.group) == nullptr) return group_not_found(target.group);
    const auto* properties = member(body, "properties");
    auto parsed = properties != nullptr && properties->is_object()
                      ? read_template(call_, target, properties->get_object())
                      : std::expected<Template, HttpResponse>(
                            std::unexpected(invalid_template("The nested deployment has no properties")));
    if (!parsed) return parsed.error();
    if (auto refused = preflight(call_, *parsed)) return *refused;
    if (run_deployment(call_, std::move(*parsed))) return empty_answer(201);
    const auto& stored = call_.world.state.azure.deployments.at(lower(target.id(call_.world.state)));
    const auto shown = parse_json_object(stored.properties);
    const auto* error = shown ? member(*shown, "error") : nullptr;
    json::array details;
    if (error != nullptr) details.push_back(*error);
    return arm_error(409, "DeploymentFailed", "At least one resource deployment operation failed.", std::move(details));
  }

  Evaluated reference(const std::string& what, bool full) {
    std::string id = what;
    if (const auto* resource = find_resource(parsed_, what)) {
      if (!resource->wanted)
        return std::unexpected("The resource '" + resource->id + "' is not deployed: its condition is false.");
      if (!deploy(*resource)) return std::unexpected("The resource '" + resource->id + "' could not be deployed.");
      id = resource->id;
    }
    auto found = current_resource(call_, id);
    if (!found) return std::unexpected("The resource referenced in output is not defined: '" + id + "' was not found.");
    if (full) return *found;
    const auto* properties = member(*found, "properties");
    return properties == nullptr ? json::value(json::object()) : *properties;
  }

  std::expected<json::object, std::string> evaluate_outputs() {
    json::object out;
    for (const auto& item : parsed_.outputs) {
      if (!item.value().is_object()) continue;
      const auto& written = item.value().get_object();
      if (const auto* condition = member(written, "condition")) {
        const auto holds = evaluate_all(parsed_.scope, *condition);
        if (!holds) return std::unexpected(holds.error());
        if (holds->is_bool() && !holds->get_bool()) continue;
      }
      std::string type = string_member(written, "type").value_or("Object");
      if (!type.empty()) type.front() = to_upper(type.front());
      const auto* value = member(written, "value");
      auto evaluated = evaluate_all(parsed_.scope, value == nullptr ? json::value(nullptr) : *value);
      if (!evaluated) return std::unexpected(evaluated.error());
      json::object shown{{"type", type}};
      if (!lower(type).starts_with("secure")) shown["value"] = std::move(*evaluated);
      out[item.key()] = std::move(shown);
    }
    return out;
  }

  void fail(const TemplateResource& resource, int status, const json::value& error) {
    note(resource, status, error);
    error_ = {{"code", "DeploymentFailed"},
              {"target", parsed_.target.id(call_.world.state)},
              {"message",
               "At least one resource deployment operation failed. Please list deployment operations for details. Please see "
               "https://aka.ms/arm-deployment-operations for usage details."},
              {"details", json::array{error}}};
  }

  void note(const TemplateResource& resource, int status, const json::value& error) {
    const std::string id = hex(call_.world.random, 16);
    json::object properties{
        {"provisioningOperation", "Create"},
        {"provisioningState", status < 400 ? "Succeeded" : "Failed"},
        {"timestamp", iso_time(call_.world.clock.now())},
        {"duration", "PT1S"},
        {"statusCode", status_name(status)},
        {"targetResource", {{"id", resource.id}, {"resourceType", resource.type}, {"resourceName", resource.name}}}};
    if (!error.is_null()) properties["statusMessage"] = {{"status", "Failed"}, {"error", error}};
    operations_.push_back({{"id", parsed_.target.id(call_.world.state) + "/operations/" + id},
                           {"operationId", id},
                           {"properties", std::move(properties)}});
  }

  void record(json::object outputs) {
    json::array resources, providers;
    std::map<std::string, std::set<std::string>> types;
    for (const auto& id : outputs_of_) resources.push_back(json::object{{"id", id}});
    for (const auto& resource : parsed_.resources) {
      const auto slash = resource.type.find('/');
      types[resource.type.substr(0, slash)].insert(resource.type.substr(slash + 1));
    }
    for (const auto& [provider, names] : types) {
      json::array list;
      for (const auto& name : names) list.push_back({{"resourceType", name}, {"locations", json::array{}}});
      providers.push_back({{"namespace", provider}, {"resourceTypes", std::move(list)}});
    }
    json::object properties{{"templateHash", std::to_string(std::hash<std::string>{}(json::serialize(parsed_.outputs)))},
                            {"parameters", parsed_.shown_parameters},
                            {"mode", "Incremental"},
                            {"provisioningState", error_.is_null() ? "Succeeded" : "Failed"},
                            {"timestamp", iso_time(call_.world.clock.now())},
                            {"duration", "PT1S"},
                            {"correlationId", call_.correlation_id},
                            {"providers", std::move(providers)},
                            {"dependencies", json::array{}}};
    if (error_.is_null()) {
      properties["outputs"] = std::move(outputs);
      properties["outputResources"] = std::move(resources);
    } else {
      properties["error"] = error_;
    }
    Deployment made;
    made.id = parsed_.target.id(call_.world.state);
    made.name = parsed_.target.name;
    made.location = percent_free_location(parsed_.target.location);
    made.properties = json::serialize(properties);
    made.operations = json::serialize(operations_);
    call_.world.state.azure.deployments[lower(made.id)] = std::move(made);
    call_.world.touch();
  }

  ArmCall call_;
  Template parsed_;
  std::set<const TemplateResource*> done_, running_;
  std::vector<std::string> outputs_of_;
  json::array operations_;
  json::value error_ = nullptr;
};

/// `Microsoft.KeyVault/vaults/write` for `Microsoft.KeyVault/vaults`.
std::string write_action(const TemplateResource& resource) {
  if (same_ignoring_case(resource.type, "Microsoft.Resources/resourceGroups")) {
    return "Microsoft.Resources/subscriptions/resourceGroups/write";
  }
  return resource.type + "/write";
}

}  // namespace

std::optional<json::object> current_resource(const ArmCall& call, std::string_view id) {
  const std::string low = lower(id);
  const auto kind = low.rfind("/providers/");
  std::string_view version = "2021-04-01";
  if (kind != std::string::npos && low.compare(kind, 31, "/providers/microsoft.keyvault/v") == 0) version = "2023-07-01";
  if (low.find("/providers/microsoft.authorization/") != std::string::npos) version = "2022-04-01";
  if (low.find("/providers/microsoft.insights/") != std::string::npos) version = "2021-05-01-preview";
  if (kind != std::string::npos && low.compare(kind, 29, "/providers/microsoft.network/") == 0) version = "2024-03-01";
  ArmCall get = call.other("GET", id, version, {});
  get.within_deployment = true;
  const auto answer = arm_dispatch(get);
  if (answer.status != 200) return std::nullopt;
  return parse_json_object(answer.body);
}

std::optional<HttpResponse> preflight(const ArmCall& call, Template& parsed) {
  for (const auto& resource : parsed.resources) {
    if (resource.existing || !resource.wanted) continue;
    if (auto refused = require_registered(call.world, resource.type.substr(0, resource.type.find('/')))) return refused;
    // An extension's right is judged where it goes; a vault that is yet to come inherits from its group.
    std::string scope = resource.id;
    if (const auto at = scope.rfind("/providers/Microsoft.Authorization"); at != std::string::npos) scope.resize(at);
    const std::string action = write_action(resource);
    if (allowing(call.world, call.caller.oid, action, scope, Plane::control) != nullptr) continue;
    const std::string client = call.caller.upn.empty() ? call.caller.app_id : call.caller.upn;
    return arm_error(403, "InvalidTemplateDeployment",
                     "Deployment failed with multiple errors: 'Authorization failed for template resource '" + resource.name +
                         "' of type '" + resource.type + "'. The client '" + client + "' with object id '" + call.caller.oid +
                         "' does not have permission to perform action '" + action + "' at scope '" + resource.id + "'.'");
  }
  return std::nullopt;
}

bool run_deployment(const ArmCall& call, Template parsed) {
  Run run(call, std::move(parsed));
  return run.all();
}

}  // namespace portalkey::sandbox
