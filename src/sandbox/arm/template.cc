#include "sandbox/arm/template.h"

#include <algorithm>
#include <array>

#include "base/time_text.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

using Checked = std::expected<void, HttpResponse>;

std::unexpected<HttpResponse> invalid(std::string_view message) { return std::unexpected(invalid_template(message)); }

const json::object* object_member(const json::object& in, std::string_view name) {
  const auto* value = member(in, name);
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

bool fits(std::string_view type, const json::value& value) {
  const std::string kind = lower(type);
  if (kind == "string" || kind == "securestring") return value.is_string();
  if (kind == "int") return value.is_int64() || value.is_uint64();
  if (kind == "bool") return value.is_bool();
  if (kind == "array") return value.is_array();
  if (kind == "object" || kind == "secureobject") return value.is_object();
  return true;  // a user-defined type: not judged here
}

std::string shown_type(std::string_view type) {
  static constexpr std::array<std::string_view, 7> kTypes = {"String", "SecureString", "Int",         "Bool",
                                                             "Array",  "Object",       "SecureObject"};
  for (const auto known : kTypes) {
    if (same_ignoring_case(known, type)) return std::string(known);
  }
  return std::string(type);
}

std::string plain(const json::value& value) {
  return value.is_string() ? std::string(view(value.get_string())) : json::serialize(value);
}

std::string problem_of_value(std::string_view name, const json::object& declared, const json::value& value) {
  const std::string type = string_member(declared, "type").value_or("");
  const std::string who = "for the template parameter '" + std::string(name) + "'";
  const bool secure = lower(type).starts_with("secure");
  const std::string what = secure ? std::string("(hidden)") : plain(value);
  if (!fits(type, value)) {
    return "Template parameter JToken type is not valid. The provided value " + who + " is not of type '" + type +
           "'. Please see https://aka.ms/resource-manager-parameter-files for usage details.";
  }
  if (const auto* allowed = member(declared, "allowedValues"); allowed != nullptr && allowed->is_array()) {
    const auto& list = allowed->get_array();
    if (std::ranges::find(list, value) == list.end()) {
      std::string names;
      for (const auto& one : list) names += (names.empty() ? "" : ",") + plain(one);
      return "The provided value '" + what + "' " + who + " is not valid. The value '" + what +
             "' is not part of the allowed value(s): '" + names + "'.";
    }
  }
  std::optional<std::int64_t> size;
  if (value.is_string()) size = static_cast<std::int64_t>(value.get_string().size());
  if (value.is_array()) size = static_cast<std::int64_t>(value.get_array().size());
  const auto least = int_member(declared, "minLength"), most = int_member(declared, "maxLength");
  if (size && ((least && *size < *least) || (most && *size > *most))) {
    return "The provided value " + who + " is not valid. Length of the value should be between '" +
           std::to_string(least.value_or(0)) + "' and '" + (most ? std::to_string(*most) : "*") + "'.";
  }
  if (value.is_int64()) {
    const auto low = int_member(declared, "minValue"), high = int_member(declared, "maxValue");
    if ((low && value.get_int64() < *low) || (high && value.get_int64() > *high)) {
      return "The provided value '" + what + "' " + who + " is not valid. It is outside of the allowed range.";
    }
  }
  return {};
}

Checked read_parameters(const json::object& declared, const json::object& given, Template& out) {
  for (const auto& item : given) {
    if (member(declared, item.key()) != nullptr) continue;
    std::string names;
    for (const auto& one : declared) names += (names.empty() ? "" : ", ") + std::string(one.key());
    return invalid("The template parameters '" + std::string(item.key()) +
                   "' in the parameters file are not valid; they are not present in the original template and can therefore "
                   "not be provided at deployment time. The only supported parameters for this template are '" +
                   names + "'. Please see https://aka.ms/arm-pass-parameter-values for usage details.");
  }
  for (const auto& item : declared) {
    const std::string name(item.key());
    if (!item.value().is_object()) return invalid("The template parameter '" + name + "' is not an object.");
    const auto& rule = item.value().get_object();
    const auto* passed = object_member(given, name);
    const auto* value = passed == nullptr ? nullptr : member(*passed, "value");
    if (passed != nullptr && value == nullptr && member(*passed, "reference") != nullptr) {
      return invalid("The template parameter '" + name + "' refers to a Key Vault secret, which the sandbox does not read.");
    }
    json::value chosen = nullptr;
    if (value != nullptr) {
      chosen = *value;
    } else if (const auto* fallback = member(rule, "defaultValue")) {
      auto evaluated = evaluate_all(out.scope, *fallback);
      if (!evaluated) return invalid(evaluated.error());
      chosen = std::move(*evaluated);
    } else if (!bool_member(rule, "nullable").value_or(false)) {
      return invalid("The value for the template parameter '" + name +
                     "' is not provided. Please see https://aka.ms/arm-create-parameter-file for usage details.");
    }
    if (!chosen.is_null()) {
      if (const auto problem = problem_of_value(name, rule, chosen); !problem.empty()) return invalid(problem);
    }
    const std::string type = shown_type(string_member(rule, "type").value_or("Object"));
    json::object shown{{"type", type}};
    if (!type.starts_with("Secure")) shown["value"] = chosen;
    out.shown_parameters[name] = std::move(shown);
    out.scope.parameters[name] = std::move(chosen);
  }
  return {};
}

std::vector<std::string> names_of(std::string_view name) {
  std::vector<std::string> out;
  for (;;) {
    const auto slash = name.find('/');
    out.emplace_back(name.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    name = name.substr(slash + 1);
  }
}

/// Reads one resource and those nested in it.
Checked read_resource(const ArmCall& call, const std::string& symbol, const json::object& written,
                      const std::string& parent_type, const std::string& parent_name, Template& out) {
  TemplateResource made;
  made.symbol = symbol;
  made.written = written;
  made.existing = bool_member(written, "existing").value_or(false);
  if (member(written, "copy") != nullptr) return invalid("The sandbox does not know 'copy'. Write the resources out.");
  const auto text = [&](std::string_view name, std::string& to) -> Checked {
    const auto given = string_member(written, name);
    if (!given) return {};
    auto value = evaluate_text(out.scope, *given);
    if (!value) return invalid(value.error());
    if (!value->is_string()) return invalid("The resource's '" + std::string(name) + "' is not a string.");
    to = view(value->get_string());
    return {};
  };
  std::string scope, group = out.target.group, subscription;
  const std::pair<std::string_view, std::string*> fields[] = {
      {"type", &made.type}, {"name", &made.name},      {"apiVersion", &made.api_version},
      {"scope", &scope},    {"resourceGroup", &group}, {"subscriptionId", &subscription}};
  for (const auto& [name, to] : fields) {
    if (auto read = text(name, *to); !read) return read;
  }
  if (!parent_type.empty()) {
    made.type = parent_type + '/' + made.type;
    made.name = parent_name + '/' + made.name;
  }
  if (made.type.find('/') == std::string::npos || made.name.empty() || made.api_version.empty()) {
    return invalid(
        "The template resource '" + (made.name.empty() ? symbol : made.name) +
        "' is not valid: it needs type, name and apiVersion. Please see https://aka.ms/arm-syntax-resources for usage "
        "details.");
  }
  const auto levels = static_cast<std::size_t>(std::ranges::count(made.type, '/'));
  const auto names = names_of(made.name);
  if (names.size() != levels) {
    return invalid(
        "The template resource '" + made.name + "' for type '" + made.type +
        "' has incorrect segment lengths. A nested resource type must have identical number of segments as its "
        "resource name. A root resource type must have segment length one greater than its resource name. Please see "
        "https://aka.ms/arm-syntax-resources for usage details.");
  }
  std::string base = subscription_scope(call.world.state);
  const bool is_group = same_ignoring_case(made.type, "Microsoft.Resources/resourceGroups");
  if (!group.empty() && !is_group) base = group_scope(call.world.state, group);
  if (!scope.empty()) base = scope.starts_with('/') ? (scope == "/" ? std::string() : scope) : base + "/providers/" + scope;
  made.group = group;
  made.id = resource_id_of(base, made.type, names);
  if (const auto* condition = member(written, "condition")) {
    auto value = evaluate_all(out.scope, *condition);
    if (!value) return invalid(value.error());
    if (!value->is_bool()) return invalid("The condition of the resource '" + made.name + "' is not a boolean.");
    made.wanted = value->get_bool();
  }
  if (const auto* before = member(written, "dependsOn"); before != nullptr && before->is_array()) {
    auto value = evaluate_all(out.scope, *before);
    if (!value) return invalid(value.error());
    for (const auto& one : value->get_array()) {
      if (one.is_string()) made.depends_on.emplace_back(view(one.get_string()));
    }
  }
  const std::string type = made.type, name = made.name;
  if (!parent_name.empty()) made.depends_on.push_back(parent_name);
  out.resources.push_back(std::move(made));
  if (const auto* children = member(written, "resources"); children != nullptr && children->is_array()) {
    for (const auto& child : children->get_array()) {
      if (!child.is_object()) return invalid("A nested resource is not an object.");
      if (auto read = read_resource(call, {}, child.get_object(), type, name, out); !read) return read;
    }
  }
  return {};
}

TemplateScope scope_of(const ArmCall& call, const DeploymentTarget& target) {
  const State& state = call.world.state;
  TemplateScope scope;
  const std::string id = subscription_scope(state);
  scope.subscription = {
      {"id", id}, {"subscriptionId", state.subscription_id}, {"tenantId", state.tenant_id}, {"displayName", "Contoso"}};
  scope.tenant = {{"tenantId", state.tenant_id}, {"displayName", "Contoso"}, {"countryCode", "DE"}};
  scope.deployment = {{"name", target.name}, {"location", target.location}};
  scope.environment = {{"name", call.cloud.name},
                       {"resourceManager", "https://" + std::string(call.cloud.arm_host) + '/'},
                       {"authentication", {{"loginEndpoint", "https://" + std::string(call.cloud.authority) + '/'}}},
                       {"suffixes", {{"keyvaultDns", '.' + std::string(call.cloud.vault_suffix)}}}};
  scope.now = iso_time(call.world.clock.now());
  if (!target.group.empty()) {
    scope.resource_group = {
        {"id", group_scope(state, target.group)}, {"name", target.group}, {"type", "Microsoft.Resources/resourceGroups"}};
    if (const auto* group = find_group(call.world, target.group)) {
      scope.resource_group["location"] = group->location;
      scope.resource_group["tags"] = tags_object(group->tags);
    }
  }
  return scope;
}

}  // namespace

std::string DeploymentTarget::scope_id(const State& state) const {
  return group.empty() ? subscription_scope(state) : group_scope(state, group);
}

std::string DeploymentTarget::id(const State& state) const {
  return scope_id(state) + "/providers/Microsoft.Resources/deployments/" + name;
}

HttpResponse invalid_template(std::string_view message) {
  return arm_error(400, "InvalidTemplate", "Deployment template validation failed: '" + std::string(message) + "'.");
}

bool is_deployment(const TemplateResource& resource) {
  return same_ignoring_case(resource.type, "Microsoft.Resources/deployments");
}

std::expected<Template, HttpResponse> read_template(const ArmCall& call, const DeploymentTarget& target,
                                                    const json::object& properties) {
  Template out;
  out.target = target;
  out.scope = scope_of(call, target);
  const std::string mode = string_member(properties, "mode").value_or("");
  if (!same_ignoring_case(mode, "Incremental")) {
    return std::unexpected(arm_error(400, "InvalidDeployment",
                                     mode.empty()
                                         ? "The 'mode' property must be specified for the deployment."
                                         : "The sandbox knows the deployment mode Incremental only, not '" + mode + "'."));
  }
  if (member(properties, "templateLink") != nullptr) {
    return std::unexpected(arm_error(400, "InvalidContentLink", "The sandbox does not download templates: send 'template'."));
  }
  json::value written = nullptr;
  if (const auto* given = member(properties, "template")) written = *given;
  if (written.is_string()) written = parse_json(view(written.get_string())).value_or(nullptr);
  if (!written.is_object()) {
    return std::unexpected(arm_error(400, "InvalidDeployment", "The deployment has neither 'template' nor 'templateLink'."));
  }
  const auto& in = written.get_object();
  for (const auto* name : {"$schema", "contentVersion"}) {
    if (!string_member(in, name)) return invalid("Required property '" + std::string(name) + "' not found in the template.");
  }
  const json::object none;
  const auto* variables = object_member(in, "variables");
  out.scope.variables = variables == nullptr ? none : *variables;
  const auto* declared = object_member(in, "parameters");
  const auto* given = object_member(properties, "parameters");
  if (auto read = read_parameters(declared == nullptr ? none : *declared, given == nullptr ? none : *given, out); !read) {
    return std::unexpected(read.error());
  }
  const auto* resources = member(in, "resources");
  if (resources == nullptr) return invalid("Required property 'resources' not found in the template.");
  if (resources->is_array()) {
    for (const auto& one : resources->get_array()) {
      if (!one.is_object()) return invalid("A resource is not an object.");
      if (auto read = read_resource(call, {}, one.get_object(), {}, {}, out); !read) return std::unexpected(read.error());
    }
  } else if (resources->is_object()) {
    for (const auto& one : resources->get_object()) {
      if (!one.value().is_object()) return invalid("The resource '" + std::string(one.key()) + "' is not an object.");
      if (auto read = read_resource(call, std::string(one.key()), one.value().get_object(), {}, {}, out); !read) {
        return std::unexpected(read.error());
      }
    }
  } else {
    return invalid("'resources' is neither an array nor an object.");
  }
  for (auto one = out.resources.begin(); one != out.resources.end(); ++one) {
    for (const auto& before : one->depends_on) {
      if (find_resource(out, before) != nullptr) continue;
      return invalid("The resource '" + before +
                     "' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.");
    }
    const bool twice = !one->existing && std::any_of(out.resources.begin(), one, [&](const auto& other) {
      return same_ignoring_case(other.id, one->id) && other.wanted && one->wanted && !other.existing;
    });
    if (twice) {
      return invalid("The resource '" + one->id +
                     "' is defined multiple times in a template. Please see "
                     "https://aka.ms/arm-syntax-resources for usage details.");
    }
  }
  if (const auto* outputs = object_member(in, "outputs")) out.outputs = *outputs;
  return out;
}

const TemplateResource* find_resource(const Template& parsed, std::string_view what) {
  const auto& all = parsed.resources;
  const auto first = [&](auto&& matches) -> const TemplateResource* {
    const auto found = std::ranges::find_if(all, matches);
    return found == all.end() ? nullptr : &*found;
  };
  if (what.empty()) return nullptr;
  if (const auto* one = first([&](const auto& r) { return same_ignoring_case(r.symbol, what); })) return one;
  if (const auto* one = first([&](const auto& r) { return same_ignoring_case(r.id, what); })) return one;
  if (const auto* one = first([&](const auto& r) { return same_ignoring_case(r.name, what); })) return one;
  if (what.starts_with('/')) return nullptr;
  // `Microsoft.KeyVault/vaults/x`, an id without its scope.
  const std::string tail = "/providers/" + lower(what);
  return first([&](const auto& r) { return lower(r.id).ends_with(tail); });
}

Evaluated resource_body(Template& parsed, const TemplateResource& resource) {
  static constexpr std::string_view kTemplatesOwn[] = {"type",     "name",   "apiVersion",    "dependsOn",     "condition",
                                                       "scope",    "copy",   "comments",      "resources",     "existing",
                                                       "metadata", "import", "resourceGroup", "subscriptionId"};
  json::object out;
  for (const auto& item : resource.written) {
    const bool own = std::ranges::any_of(kTemplatesOwn, [&](auto name) { return same_ignoring_case(name, item.key()); });
    if (own) continue;
    if (!is_deployment(resource) || item.key() != "properties" || !item.value().is_object()) {
      auto value = evaluate_all(parsed.scope, item.value());
      if (!value) return value;
      out[item.key()] = std::move(*value);
      continue;
    }
    // With inner scope the nested template's expressions are its own; only its parameters are evaluated here.
    const auto& properties = item.value().get_object();
    const auto* options = object_member(properties, "expressionEvaluationOptions");
    const bool inner = options != nullptr && same_ignoring_case(string_member(*options, "scope").value_or(""), "inner");
    json::object made;
    for (const auto& one : properties) {
      if (inner && one.key() == "template") {
        made[one.key()] = one.value();
        continue;
      }
      auto value = evaluate_all(parsed.scope, one.value());
      if (!value) return value;
      made[one.key()] = std::move(*value);
    }
    out["properties"] = std::move(made);
  }
  return out;
}

}  // namespace portalkey::sandbox
