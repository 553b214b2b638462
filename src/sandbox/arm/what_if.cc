// What a deployment would change: each resource as it is beside what the template says of it.

#include <algorithm>
#include <set>

#include "sandbox/arm/deployment_run.h"
#include "sandbox/arm/vault_properties.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

json::object change(std::string_view path, std::string_view type, const json::value& before, const json::value& after,
                    json::array children = {}) {
  json::object out{{"path", path}, {"propertyChangeType", type}};
  if (!before.is_null()) out["before"] = before;
  if (!after.is_null()) out["after"] = after;
  if (!children.empty()) out["children"] = std::move(children);
  return out;
}

bool same(const json::value& a, const json::value& b) {
  if (a.is_string() && b.is_string()) return same_ignoring_case(view(a.get_string()), view(b.get_string()));
  return a == b;
}

/// What the template says and the resource does not have. What the template leaves out stays, or gets a default that only
/// the service knows: it is not shown.
void compare(const std::string& path, const json::value& before, const json::value& after, json::array& delta) {
  if (same(before, after)) return;
  if (before.is_object() && after.is_object()) {
    for (const auto& item : after.get_object()) {
      const auto* old = member(before.get_object(), item.key());
      const std::string below = path.empty() ? std::string(item.key()) : path + '.' + std::string(item.key());
      if (old == nullptr) {
        if (!item.value().is_null()) delta.push_back(change(below, "Create", nullptr, item.value()));
      } else {
        compare(below, *old, item.value(), delta);
      }
    }
    return;
  }
  if (before.is_array() && after.is_array()) {
    json::array children;
    const auto& old = before.get_array();
    const auto& now = after.get_array();
    for (std::size_t i = 0; i < std::max(old.size(), now.size()); ++i) {
      const std::string index = std::to_string(i);
      if (i >= old.size()) {
        children.push_back(change(index, "Create", nullptr, now[i]));
      } else if (i >= now.size()) {
        children.push_back(change(index, "Delete", old[i], nullptr));
      } else {
        compare(index, old[i], now[i], children);
      }
    }
    if (!children.empty()) delta.push_back(change(path, "Array", nullptr, nullptr, std::move(children)));
    return;
  }
  delta.push_back(change(path, "Modify", before, after));
}

struct WhatIf {
  const ArmCall& call;
  bool ids_only;
  json::array changes;
  std::set<std::string> seen;    // ids in lower case
  std::set<std::string> groups;  // likewise: where something goes

  void add(const std::string& id, std::string_view type, const json::value& before, const json::value& after,
           json::array delta) {
    json::object out{{"resourceId", id}, {"changeType", type}};
    if (!ids_only) {
      if (!before.is_null()) out["before"] = before;
      if (!after.is_null()) out["after"] = after;
      if (!delta.empty()) out["delta"] = std::move(delta);
    }
    changes.push_back(std::move(out));
    seen.insert(lower(id));
  }

  std::optional<HttpResponse> look(Template parsed) {
    if (!parsed.target.group.empty()) groups.insert(lower(parsed.target.group));
    parsed.scope.keep_unresolved = true;
    parsed.scope.symbol = [&](std::string_view symbol) {
      const auto* found = find_resource(parsed, symbol);
      return found == nullptr ? std::string() : found->id;
    };
    parsed.scope.reference = [&](const std::string& what, bool full) -> Evaluated {
      const auto* resource = find_resource(parsed, what);
      auto found = current_resource(call, resource == nullptr ? what : resource->id);
      if (!found) return std::unexpected(std::string(kUnresolved));
      if (full) return *found;
      const auto* properties = member(*found, "properties");
      return properties == nullptr ? json::value(json::object()) : *properties;
    };
    for (const auto& resource : parsed.resources) {
      if (resource.existing || !resource.wanted) continue;
      auto body = resource_body(parsed, resource);
      if (!body) return invalid_template(body.error());
      if (is_deployment(resource)) {
        const auto* properties = member(body->get_object(), "properties");
        if (properties == nullptr || !properties->is_object())
          return invalid_template("The nested deployment has no properties");
        auto inner = read_template(call, {resource.group, resource.name, {}}, properties->get_object());
        if (!inner) return inner.error();
        if (auto refused = preflight(call, *inner)) return refused;
        if (auto refused = look(std::move(*inner))) return refused;
        continue;
      }
      json::object after{
          {"apiVersion", resource.api_version}, {"id", resource.id}, {"name", resource.name}, {"type", resource.type}};
      for (const auto& item : body->get_object()) after[item.key()] = item.value();
      const auto before = current_resource(call, resource.id);
      if (!before) {
        add(resource.id, "Create", nullptr, after, {});
        continue;
      }
      json::array delta;
      for (const auto& item : body->get_object()) {
        const auto* old = member(*before, item.key());
        json::value now = item.value();
        if (item.key() == "location" && now.is_string()) now = percent_free_location(view(now.get_string()));
        compare(item.key(), old == nullptr ? json::value(nullptr) : *old, now, delta);
      }
      const auto* type = delta.empty() ? "NoChange" : "Modify";
      add(resource.id, type, *before, after, std::move(delta));
    }
    return std::nullopt;
  }

  /// What lies in the same groups and is not in the template stays as it is.
  void ignore_others() {
    for (const auto& [key, vault] : call.world.state.azure.vaults) {
      const std::string id = vault_scope(call.world.state, vault);
      if (!groups.contains(lower(vault.resource_group)) || seen.contains(lower(id))) continue;
      const json::value shown = vault_resource(call, vault);
      add(id, "Ignore", shown, shown, {});
    }
  }
};

}  // namespace

std::expected<json::object, HttpResponse> what_if(const ArmCall& call, Template parsed, bool ids_only) {
  WhatIf run{call, ids_only, {}, {}, {}};
  if (auto refused = run.look(std::move(parsed))) return std::unexpected(std::move(*refused));
  run.ignore_others();
  return json::object{{"status", "Succeeded"},
                      {"properties", {{"correlationId", call.correlation_id}, {"changes", std::move(run.changes)}}}};
}

}  // namespace portalkey::sandbox
