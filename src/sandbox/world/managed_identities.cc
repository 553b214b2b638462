#include "sandbox/world/managed_identities.h"

#include "sandbox/wire/json.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kSystemAssigned = "isExplicit=False";

}  // namespace

std::pair<std::string, std::string> alternative_names(const ServicePrincipal& principal) {
  const auto settings = parse_json_object(principal.settings);
  const auto* names = settings ? member(*settings, "alternativeNames") : nullptr;
  if (names == nullptr || !names->is_array() || names->get_array().size() != 2) return {};
  const auto& list = names->get_array();
  if (!list[0].is_string() || !list[1].is_string()) return {};
  return {std::string(view(list[0].get_string())), std::string(view(list[1].get_string()))};
}

void add_managed_identities(State& state, const SandboxOptions& options) {
  const std::string group = "/subscriptions/" + state.subscription_id + "/resourcegroups/contoso-rg/providers/";
  const auto add = [&](std::string name, std::string_view kind, const std::string& resource) {
    ServicePrincipal identity;
    identity.object_id = stable_guid(options.seed, "managed identity " + name);
    identity.client_id = stable_guid(options.seed, "managed identity's client " + name);
    identity.name = std::move(name);
    identity.type = "ManagedIdentity";
    identity.settings =
        json::serialize(json::object{{"alternativeNames", json::array{json::value(kind), json::value(resource)}}});
    state.service_principals.emplace(identity.object_id, identity);
  };
  add("contoso-vm", kSystemAssigned, group + "Microsoft.Compute/virtualMachines/contoso-vm");
  add("contoso-identity", "isExplicit=True", group + "Microsoft.ManagedIdentity/userAssignedIdentities/contoso-identity");
}

const ServicePrincipal* find_managed_identity(const State& state, bool user_assigned) {
  for (const auto& [id, principal] : state.service_principals) {
    if (principal.type == "ManagedIdentity" && principal.enabled &&
        (alternative_names(principal).first == kSystemAssigned) != user_assigned) {
      return &principal;
    }
  }
  return nullptr;
}

}  // namespace portalkey::sandbox
