// /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath: who may use hardware tokens. It
// says who can sign in with one; tokens can be assigned to everybody.
// Source: learn.microsoft.com/graph/api/resources/hardwareoathauthenticationmethodconfiguration?view=graph-rest-beta.

#include <algorithm>
#include <utility>

#include "sandbox/graph/oath.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kType = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration";

json::object configuration(const OathMethodPolicy& policy) {
  const auto list = [](const std::string& text) { return parse_json(text).value_or(json::array()); };
  return {{"@odata.type", kType},
          {"id", "HardwareOath"},
          {"state", policy.enabled ? "enabled" : "disabled"},
          {"excludeTargets", list(policy.exclude_targets)},
          {"includeTargets", list(policy.include_targets)}};
}

bool are_targets(const json::value& value) {
  return value.is_array() && std::ranges::all_of(value.get_array(), [](const json::value& item) {
           if (!item.is_object()) return false;
           const auto type = string_member(item.get_object(), "targetType");
           return string_member(item.get_object(), "id") && (type == "group" || type == "user");
         });
}

HttpResponse update(GraphCall& call) {
  auto body = graph_body(call);
  if (!body) return body.error();
  if (string_member(*body, "@odata.type") != kType) {
    return oath_bad_request(call, "'@odata.type' must be '" + std::string(kType) + "'.");
  }
  OathMethodPolicy policy = call.world.state.oath_method_policy;
  for (const auto& item : *body) {
    const std::string_view name(item.key().data(), item.key().size());
    if (name.starts_with('@') || same_ignoring_case(name, "id")) continue;
    if (same_ignoring_case(name, "state")) {
      const auto state = string_member(*body, "state");
      if (state != "enabled" && state != "disabled") return oath_bad_request(call, "'state' is enabled or disabled.");
      policy.enabled = state == "enabled";
    } else if (same_ignoring_case(name, "includeTargets") || same_ignoring_case(name, "excludeTargets")) {
      if (!are_targets(item.value())) {
        return oath_bad_request(call, '\'' + std::string(name) + "' is an array of objects with 'id' and 'targetType'.");
      }
      (same_ignoring_case(name, "includeTargets") ? policy.include_targets : policy.exclude_targets) =
          json::serialize(item.value());
    } else {
      return oath_bad_request(call, "Invalid property '" + std::string(name) + "'.");
    }
  }
  call.world.state.oath_method_policy = std::move(policy);
  call.world.touch();
  return graph_no_content();
}

}  // namespace

HttpResponse graph_policies(GraphCall& call) {
  const std::string_view path[] = {"policies", "authenticationMethodsPolicy", "authenticationMethodConfigurations",
                                   "hardwareOath"};
  for (std::size_t i = 1; i < std::size(path); ++i) {
    if (!call.at(i, path[i])) return graph_no_segment(call, call.path.size() > i ? call.path[i] : call.path.back());
  }
  if (call.path.size() > std::size(path)) return graph_no_segment(call, call.path.back());
  if (call.version != "beta") return graph_no_segment(call, path[3]);  // in every cloud, though
  if (auto refused = oath_refuses(call, call.is("GET") ? OathRight::read_devices : OathRight::write_devices)) return *refused;
  const GraphShape shape{"authenticationMethodConfigurations", "hardwareOathAuthenticationMethodConfiguration"};
  if (call.is("GET")) return graph_entity(call, shape, configuration(call.world.state.oath_method_policy));
  return call.is("PATCH") ? update(call) : graph_not_allowed(call);
}

}  // namespace portalkey::sandbox
