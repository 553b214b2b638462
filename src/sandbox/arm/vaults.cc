// Key vaults as resources of a group.

#include <algorithm>

#include "sandbox/arm/vault_properties.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

HttpResponse answer_with(const ArmCall& call, const Vault& vault) {
  auto answer = json_answer(200, vault_resource(call, vault));
  if (vault.polls_left > 0) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

HttpResponse held_by_deleted() {
  return arm_error(409, "ConflictError",
                   "A vault with the same name already exists in deleted state. You need to either recover or purge existing "
                   "key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
                   "delete.");
}

HttpResponse recover_vault(ArmCall& call, const std::string& name, const std::string& group, const std::string& location) {
  auto& azure = call.world.state.azure;
  const auto found = azure.deleted_vaults.find(lower(name));
  if (found == azure.deleted_vaults.end() || found->second.location != location) {
    return arm_error(404, "DeletedVaultNotFound", "The specified deleted vault '" + name + "' does not exist.");
  }
  if (!same_ignoring_case(found->second.resource_group, group)) {
    return arm_error(409, "ConflictError",
                     "The deleted vault '" + name + "' can only be recovered into its resource group '" +
                         found->second.resource_group + "'.");
  }
  auto node = azure.deleted_vaults.extract(found);
  Vault& vault = azure.vaults.insert(std::move(node)).position->second;
  vault.deleted = 0;
  vault.polls_left = call.polls();
  vault.modified = call.stamp();
  call.world.touch();
  return answer_with(call, vault);
}

HttpResponse put_vault(ArmCall& call, const std::string& group, const std::string& name) {
  World& world = call.world;
  auto& azure = world.state.azure;
  if (auto refused = require_registered(world, "Microsoft.KeyVault")) return *refused;
  auto* owner = find_group(world, group);
  if (owner == nullptr) return group_not_found(group);
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  const auto given_location = string_member(body, "location");
  if (!given_location || given_location->empty()) {
    return arm_error(400, "LocationRequired", "The location property is required for this definition.");
  }
  const std::string location = percent_free_location(*given_location);
  if (!is_location(call, location)) {
    return arm_error(400, "LocationNotAvailableForResourceType",
                     "The provided location '" + *given_location + "' is not available for resource type '" +
                         std::string(kVaultType) + "'. List of available regions for the resource type is '" +
                         location_names(call) + "'.");
  }
  if (!is_vault_name(name)) {
    return arm_error(
        400, "VaultNameNotValid",
        "The vault name '" + name +
            "' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a "
            "letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more "
            "information: https://go.microsoft.com/fwlink/?linkid=2147742");
  }
  const auto* properties = member(body, "properties");
  if (properties == nullptr || !properties->is_object()) {
    return arm_error(400, "BadRequest", "The vault's properties are missing.");
  }
  const auto& in = properties->get_object();
  if (same_ignoring_case(string_member(in, "createMode").value_or("default"), "recover")) {
    return recover_vault(call, name, group, location);
  }
  const auto found = azure.vaults.find(lower(name));
  const Vault* before = found == azure.vaults.end() ? nullptr : &found->second;
  if (name_taken_elsewhere(name) || (before != nullptr && !same_ignoring_case(before->resource_group, group))) {
    return arm_error(409, "VaultAlreadyExists", vault_name_in_use(name));
  }
  if (before != nullptr && before->location != location) {
    return arm_error(409, "InvalidResourceLocation",
                     "The resource '" + name + "' already exists in location '" + before->location + "' in resource group '" +
                         group + "'. A resource with the same name cannot be created in location '" + location +
                         "'. Please select a new resource name.");
  }
  if (azure.deleted_vaults.contains(lower(name))) return held_by_deleted();
  Vault vault = before == nullptr ? Vault{} : *before;
  if (auto refused = read_vault_properties(call, in, before, true, vault)) return *refused;
  if (!read_tags(body, vault.tags)) return arm_error(400, "InvalidRequestContent", "The tags must be an object of strings.");
  vault.modified = call.stamp();
  if (before == nullptr) {
    vault.name = name;
    vault.resource_group = owner->name;
    vault.location = location;
    vault.created = vault.modified;
    vault.polls_left = call.polls();
  }
  auto& stored = azure.vaults[lower(name)];
  stored = std::move(vault);
  world.touch();
  return answer_with(call, stored);
}

HttpResponse patch_vault(ArmCall& call, Vault& vault) {
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  Vault changed = vault;
  if (const auto* properties = member(body, "properties"); properties != nullptr && properties->is_object()) {
    if (auto refused = read_vault_properties(call, properties->get_object(), &vault, false, changed)) return *refused;
  }
  if (member(body, "tags") != nullptr && !read_tags(body, changed.tags)) {
    return arm_error(400, "InvalidRequestContent", "The tags must be an object of strings.");
  }
  changed.modified = call.stamp();
  vault = std::move(changed);
  call.world.touch();
  return answer_with(call, vault);
}

HttpResponse change_access_policies(ArmCall& call, Vault& vault, const std::string& operation) {
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  const auto* properties = member(body, "properties");
  const auto* list =
      properties != nullptr && properties->is_object() ? member(properties->get_object(), "accessPolicies") : nullptr;
  std::vector<VaultAccessPolicy> given;
  if (list == nullptr || !read_access_policies(*list, given)) {
    return arm_error(400, "BadRequest", "An invalid value was provided for 'accessPolicies'.");
  }
  const bool add = same_ignoring_case(operation, "add"), replace = same_ignoring_case(operation, "replace");
  if (!add && !replace && !same_ignoring_case(operation, "remove")) {
    return arm_error(400, "BadRequest", "The operation '" + operation + "' is not one of add, replace, remove.");
  }
  if (replace) vault.access_policies.clear();
  for (auto& policy : given) {
    const auto same = [&](const VaultAccessPolicy& other) {
      return same_ignoring_case(other.object_id, policy.object_id) &&
             same_ignoring_case(other.application_id, policy.application_id);
    };
    const auto known = std::ranges::find_if(vault.access_policies, same);
    if (add && known != vault.access_policies.end()) {
      for (auto& [kind, names] : policy.permissions) {
        auto& have = known->permissions[kind];
        for (auto& name : names) {
          if (std::ranges::none_of(have, [&](const auto& one) { return same_ignoring_case(one, name); })) have.push_back(name);
        }
      }
    } else if (add || replace) {
      vault.access_policies.push_back(std::move(policy));
    } else if (known != vault.access_policies.end()) {
      for (auto& [kind, names] : policy.permissions) {
        std::erase_if(known->permissions[kind], [&](const auto& one) {
          return std::ranges::any_of(names, [&](const auto& name) { return same_ignoring_case(one, name); });
        });
      }
    }
  }
  vault.modified = call.stamp();
  call.world.touch();
  return json_answer(200, {{"id", vault_scope(call.world.state, vault) + "/accessPolicies/"},
                           {"type", "Microsoft.KeyVault/vaults/accessPolicies"},
                           {"location", vault.location},
                           {"properties", {{"accessPolicies", access_policies_json(vault)}}}});
}

HttpResponse delete_vault(ArmCall& call, const std::string& name) {
  World& world = call.world;
  auto& azure = world.state.azure;
  auto node = azure.vaults.extract(lower(name));
  if (node.empty()) return empty_answer(204);
  Vault& vault = node.mapped();
  vault.deleted = world.clock.seconds();
  // Role assignments do not come back with a recovered vault.
  forget_assignments(world, vault_scope(world.state, vault));
  azure.deleted_vaults.insert(std::move(node));
  world.touch();
  return empty_answer(200);
}

}  // namespace

bool name_taken_elsewhere(std::string_view name) {
  // The published set-up's own vault, and a prefix for tests.
  return same_ignoring_case(name, "HiddenAPIKeyVault") || lower(name).starts_with("taken-");
}

std::string vault_name_in_use(std::string_view name) {
  return "The vault name '" + std::string(name) +
         "' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are "
         "sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but "
         "not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will "
         "need "
         "to be purged before reusing the name. For more information on soft delete and purging a vault follow this link "
         "https://go.microsoft.com/fwlink/?linkid=2147740.";
}

HttpResponse arm_vaults(ArmCall& call, std::string_view group) {
  World& world = call.world;
  if (auto refused = require_version(call, kVaultVersions, "vaults")) return *refused;
  const std::string scope = group_scope(world.state, group);
  if (call.ends(7)) {
    if (call.method != "GET") return arm_method_not_allowed(call);
    if (auto refused = require(call, "Microsoft.KeyVault/vaults/read", scope)) return *refused;
    if (find_group(world, group) == nullptr) return group_not_found(group);
    json::array list;
    for (const auto& [key, vault] : world.state.azure.vaults) {
      if (same_ignoring_case(vault.resource_group, group)) list.emplace_back(vault_resource(call, vault));
    }
    return list_page(call, std::move(list));
  }
  const std::string name = call.parts[7];
  const std::string id = scope + "/providers/Microsoft.KeyVault/vaults/" + name;
  const bool policies = call.ends(10) && call.is(8, "accessPolicies") && call.method == "PUT";
  if (!call.ends(8) && !policies) return arm_error(404, "InvalidResourceType", "There is no such resource type.");
  const std::string action = call.method == "GET"      ? "Microsoft.KeyVault/vaults/read"
                             : call.method == "DELETE" ? "Microsoft.KeyVault/vaults/delete"
                             : policies                ? "Microsoft.KeyVault/vaults/accessPolicies/write"
                                                       : "Microsoft.KeyVault/vaults/write";
  if (auto refused = require(call, action, id)) return *refused;
  if (call.method == "PUT" && !policies) return put_vault(call, std::string(group), name);
  if (find_group(world, group) == nullptr) return group_not_found(group);
  const auto found = world.state.azure.vaults.find(lower(name));
  const bool there = found != world.state.azure.vaults.end() && same_ignoring_case(found->second.resource_group, group);
  if (call.method == "DELETE") return there ? delete_vault(call, name) : empty_answer(204);
  if (!there) return resource_not_found(kVaultType, name, group);
  Vault& vault = found->second;
  if (policies) return change_access_policies(call, vault, call.parts[9]);
  if (call.method == "PATCH") return patch_vault(call, vault);
  if (call.method != "GET") return arm_method_not_allowed(call);
  auto answer = answer_with(call, vault);
  if (vault.polls_left > 0) {
    --vault.polls_left;
    world.touch();
  }
  return answer;
}

}  // namespace portalkey::sandbox
