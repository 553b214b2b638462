// Resource groups, and the list of what is in them.

#include <algorithm>

#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kType = "Microsoft.Resources/resourceGroups";
constexpr std::string_view kAction = "Microsoft.Resources/subscriptions/resourceGroups/";

json::object group_json(const ArmCall& call, const ResourceGroup& group) {
  json::object out{
      {"id", group_scope(call.world.state, group.name)}, {"name", group.name}, {"type", kType}, {"location", group.location}};
  if (!group.managed_by.empty()) out["managedBy"] = group.managed_by;
  if (!group.tags.empty()) out["tags"] = tags_object(group.tags);
  out["properties"] = {{"provisioningState", group.polls_left >= 0 ? "Deleting" : "Succeeded"}};
  return out;
}

/// Empty, or what is wrong with a group's name.
std::string name_problem(std::string_view name) {
  if (name.size() > 90) return "The resource group name '" + std::string(name) + "' is longer than 90 characters.";
  const auto allowed = [](char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || std::string_view("-._()").find(l) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  std::string bad;
  for (const char c : name) {
    if (!allowed(c)) bad += c;
  }
  if (!bad.empty()) {
    return "The provided resource group name '" + std::string(name) + "' has these invalid characters: '" + bad +
           "'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.";
  }
  if (name.ends_with('.')) return "The resource group name '" + std::string(name) + "' must not end with a period.";
  return {};
}

HttpResponse put_group(ArmCall& call, const std::string& name) {
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  if (const auto problem = name_problem(name); !problem.empty()) return arm_error(400, "InvalidResourceGroup", problem);
  const auto location = string_member(body, "location");
  if (!location || location->empty()) {
    return arm_error(400, "LocationRequired", "The location property is required for this definition.");
  }
  if (!is_location(call, *location)) {
    return arm_error(400, "LocationNotAvailableForResourceGroup",
                     "The provided location '" + *location +
                         "' is not available for resource group. List of available regions is '" + location_names(call) + "'.");
  }
  auto* known = find_group(call.world, name);
  if (known != nullptr && known->polls_left >= 0) {
    return arm_error(409, "ResourceGroupBeingDeleted",
                     "The resource group '" + name + "' is in deprovisioning state and cannot perform this operation.");
  }
  if (known != nullptr && known->location != percent_free_location(*location)) {
    return arm_error(409, "InvalidResourceGroupLocation",
                     "Invalid resource group location '" + percent_free_location(*location) +
                         "'. The Resource group already exists in location '" + known->location + "'.");
  }
  ResourceGroup group;
  if (!read_tags(body, group.tags)) return arm_error(400, "InvalidRequestContent", "The tags must be an object of strings.");
  group.name = known == nullptr ? name : known->name;
  group.location = percent_free_location(*location);
  group.managed_by = string_member(body, "managedBy").value_or("");
  auto& stored = call.world.state.azure.resource_groups[lower(name)];
  stored = std::move(group);
  call.world.touch();
  return json_answer(known == nullptr ? 201 : 200, group_json(call, stored));
}

HttpResponse delete_group(ArmCall& call, ResourceGroup& group) {
  if (group.polls_left < 0) group.polls_left = call.polls() + 1;
  const auto id = begin_operation(call, 200, {}, lower(group.name));
  return accepted(call, subscription_scope(call.world.state) + "/operationresults/" + id);
}

/// `a eq 'b' and c eq 'd'`; nullopt if it is anything else.
std::optional<TextPairs> read_filter(std::string_view filter) {
  TextPairs out;
  for (std::string_view rest = trimmed(filter); !rest.empty();) {
    const auto eq = rest.find(" eq '");
    if (eq == std::string_view::npos) return std::nullopt;
    const auto end = rest.find('\'', eq + 5);
    if (end == std::string_view::npos) return std::nullopt;
    out.emplace_back(lower(trimmed(rest.substr(0, eq))), std::string(rest.substr(eq + 5, end - eq - 5)));
    rest = trimmed(rest.substr(end + 1));
    if (rest.empty()) break;
    if (!lower(rest).starts_with("and ")) return std::nullopt;
    rest = trimmed(rest.substr(4));
  }
  return out;
}

template <class Tags>
bool has_tag(const Tags& tags, const TextPairs& filter) {
  std::string name;
  for (const auto& [key, value] : filter) {
    if (key == "tagname") {
      name = value;
      if (!tags.contains(name)) return false;
    } else if (key == "tagvalue") {
      const auto found = tags.find(name);
      if (found == tags.end() || found->second != value) return false;
    }
  }
  return true;
}

HttpResponse bad_filter(std::string_view filter) {
  return arm_error(400, "InvalidFilterInQueryString",
                   "Invalid $filter '" + std::string(filter) + "' specified in the query string.");
}

}  // namespace

ResourceGroup* find_group(World& world, std::string_view name) {
  const auto found = world.state.azure.resource_groups.find(lower(name));
  return found == world.state.azure.resource_groups.end() ? nullptr : &found->second;
}

void forget_assignments(World& world, std::string_view scope) {
  std::erase_if(world.state.azure.role_assignments, [&](const auto& item) { return lies_within(item.second.scope, scope); });
}

void remove_group(World& world, const std::string& key) {
  Azure& azure = world.state.azure;
  const auto group = azure.resource_groups.find(key);
  if (group == azure.resource_groups.end()) return;
  const std::string scope = group_scope(world.state, group->second.name);
  for (auto vault = azure.vaults.begin(); vault != azure.vaults.end();) {
    if (!same_ignoring_case(vault->second.resource_group, key)) {
      ++vault;
      continue;
    }
    vault->second.deleted = world.clock.seconds();
    azure.deleted_vaults[vault->first] = std::move(vault->second);
    vault = azure.vaults.erase(vault);
  }
  forget_assignments(world, scope);
  std::erase_if(azure.virtual_networks, [&](const auto& item) { return same_ignoring_case(item.second.resource_group, key); });
  std::erase_if(azure.deployments, [&](const auto& item) { return lies_within(item.first, scope); });
  azure.resource_groups.erase(group);
  world.touch();
}

HttpResponse arm_resource_groups(ArmCall& call) {
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  World& world = call.world;
  if (call.ends(3)) {
    if (call.method != "GET") return arm_method_not_allowed(call);
    const auto filter = read_filter(call.parameter("$filter").value_or(""));
    if (!filter) return bad_filter(*call.parameter("$filter"));
    json::array list;
    for (const auto& [key, group] : world.state.azure.resource_groups) {
      const bool visible = allowing(world, call.caller.oid, std::string(kAction) + "read", group_scope(world.state, group.name),
                                    Plane::control) != nullptr;
      if (visible && has_tag(group.tags, *filter)) list.emplace_back(group_json(call, group));
    }
    return list_page(call, std::move(list));
  }
  const std::string name = call.parts[3];
  const std::string verb = call.method == "GET" || call.method == "HEAD" ? "read"
                           : call.method == "DELETE"                     ? "delete"
                                                                         : "write";
  if (auto refused = require(call, std::string(kAction) + verb, group_scope(world.state, name))) return *refused;
  if (call.method == "PUT") return put_group(call, name);
  auto* group = find_group(world, name);
  // Whoever only looks, instead of asking for the operation, sees the group go as well.
  if (group != nullptr && group->polls_left >= 0 && verb == "read" && group->polls_left-- == 0) {
    remove_group(world, lower(name));
    group = nullptr;
  }
  if (group == nullptr) return group_not_found(name);
  if (call.method == "HEAD") return empty_answer(204);
  if (call.method == "GET") return json_answer(200, group_json(call, *group));
  if (call.method == "DELETE") return delete_group(call, *group);
  if (call.method != "PATCH") return arm_method_not_allowed(call);
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  if (member(body, "tags") != nullptr && !read_tags(body, group->tags)) {
    return arm_error(400, "InvalidRequestContent", "The tags must be an object of strings.");
  }
  world.touch();
  return json_answer(200, group_json(call, *group));
}

HttpResponse arm_resources(ArmCall& call, std::string_view group) {
  if (call.method != "GET") return arm_method_not_allowed(call);
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  World& world = call.world;
  if (!group.empty() && find_group(world, group) == nullptr) return group_not_found(group);
  const std::string text = call.parameter("$filter").value_or("");
  const auto filter = read_filter(text);
  if (!filter) return bad_filter(text);
  json::array list;
  for (const auto& [key, vault] : world.state.azure.vaults) {
    if (!group.empty() && !same_ignoring_case(vault.resource_group, group)) continue;
    const std::string id = vault_scope(world.state, vault);
    if (allowing(world, call.caller.oid, "Microsoft.KeyVault/vaults/read", id, Plane::control) == nullptr) continue;
    bool wanted = has_tag(vault.tags, *filter);
    for (const auto& [name, value] : *filter) {
      if (name == "resourcetype") wanted = wanted && same_ignoring_case(value, "Microsoft.KeyVault/vaults");
      if (name == "name") wanted = wanted && same_ignoring_case(value, vault.name);
      if (name == "resourcegroup") wanted = wanted && same_ignoring_case(value, vault.resource_group);
      if (name == "location") wanted = wanted && same_ignoring_case(value, vault.location);
    }
    if (!wanted) continue;
    list.push_back({{"id", id},
                    {"name", vault.name},
                    {"type", "Microsoft.KeyVault/vaults"},
                    {"location", vault.location},
                    {"tags", tags_object(vault.tags)}});
  }
  return list_page(call, std::move(list));
}

}  // namespace portalkey::sandbox
