// Microsoft.KeyVault's pages of a subscription: all its vaults, deleted vaults, and whether a name is free.

#include <algorithm>

#include "sandbox/arm/vault_properties.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

HttpResponse check_name(ArmCall& call) {
  if (call.method != "POST") return arm_method_not_allowed(call);
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  const auto name = string_member(body, "name");
  const auto type = string_member(body, "type");
  if (!name || !type || !same_ignoring_case(*type, kVaultType)) {
    return arm_error(400, "BadRequest", "Give name, and type: Microsoft.KeyVault/vaults.");
  }
  const auto& azure = call.world.state.azure;
  if (!is_vault_name(*name)) {
    return json_answer(200,
                       {{"nameAvailable", false},
                        {"reason", "AccountNameInvalid"},
                        {"message", "The vault name '" + *name +
                                        "' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name "
                                        "must begin with a letter, end with a letter or digit, and not contain consecutive "
                                        "hyphens."}});
  }
  if (name_taken_elsewhere(*name) || azure.vaults.contains(lower(*name)) || azure.deleted_vaults.contains(lower(*name))) {
    return json_answer(200, {{"nameAvailable", false}, {"reason", "AlreadyExists"}, {"message", vault_name_in_use(*name)}});
  }
  return json_answer(200, {{"nameAvailable", true}});
}

HttpResponse purge(ArmCall& call, std::map<std::string, Vault>::iterator vault) {
  if (vault->second.purge_protection) {
    return arm_error(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
  }
  const std::string path = subscription_scope(call.world.state) + "/providers/Microsoft.KeyVault/locations/" +
                           vault->second.location + "/operationResults/";
  call.world.state.azure.deleted_vaults.erase(vault);
  return accepted(call, path + begin_operation(call, 200, {}));
}

}  // namespace

HttpResponse arm_key_vault(ArmCall& call) {
  World& world = call.world;
  auto& azure = world.state.azure;
  const std::string scope = subscription_scope(world.state);
  if (auto refused = require_version(call, kVaultVersions, call.parts[4])) return *refused;
  std::erase_if(azure.deleted_vaults, [&](const auto& item) {
    return item.second.deleted + item.second.retention_days * 86400 <= world.clock.seconds();
  });
  if (call.is(4, "checkNameAvailability") && call.ends(5)) {
    if (auto refused = require(call, "Microsoft.KeyVault/checkNameAvailability/read", scope)) return *refused;
    return check_name(call);
  }
  if (call.is(4, "operations") && call.method == "GET") return json_answer(200, list_answer({}));
  // There are no managed HSMs; clients ask for them along with vaults.
  if ((call.is(4, "managedHSMs") || call.is(4, "deletedManagedHSMs")) && call.ends(5) && call.method == "GET") {
    return json_answer(200, list_answer({}));
  }
  if ((call.is(4, "vaults") || call.is(4, "deletedVaults")) && call.ends(5) && call.method == "GET") {
    const bool deleted = call.is(4, "deletedVaults");
    json::array list;
    for (const auto& [key, vault] : deleted ? azure.deleted_vaults : azure.vaults) {
      const std::string at = deleted ? scope : vault_scope(world.state, vault);
      const auto* action = deleted ? "Microsoft.KeyVault/deletedVaults/read" : "Microsoft.KeyVault/vaults/read";
      if (allowing(world, call.caller.oid, action, at, Plane::control) == nullptr) continue;
      list.emplace_back(deleted ? deleted_vault_resource(call, vault) : vault_resource(call, vault));
    }
    return list_page(call, std::move(list));
  }
  if (!call.is(4, "locations") || !call.is(6, "deletedVaults") || call.parts.size() < 8 || call.parts.size() > 9) {
    return arm_error(404, "InvalidResourceType", "There is no such resource type.");
  }
  const bool purging = call.ends(9) && call.is(8, "purge") && call.method == "POST";
  if (!purging && (!call.ends(8) || call.method != "GET")) return arm_method_not_allowed(call);
  const auto* action =
      purging ? "Microsoft.KeyVault/locations/deletedVaults/purge/action" : "Microsoft.KeyVault/locations/deletedVaults/read";
  if (auto refused = require(call, action, scope)) return *refused;
  const auto found = azure.deleted_vaults.find(lower(call.parts[7]));
  if (found == azure.deleted_vaults.end() || found->second.location != percent_free_location(call.parts[5])) {
    return arm_error(404, "DeletedVaultNotFound", "The specified deleted vault '" + call.parts[7] + "' does not exist.");
  }
  if (purging) return purge(call, found);
  return json_answer(200, deleted_vault_resource(call, found->second));
}

}  // namespace portalkey::sandbox
