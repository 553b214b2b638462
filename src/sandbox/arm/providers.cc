// Resource providers and their registration, which takes a while.

#include <algorithm>

#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

struct Provider {
  std::string_view name;
  bool always;  ///< needs no registration
};
constexpr Provider kProviders[] = {{"Microsoft.Authorization", true},    {"Microsoft.Resources", true},
                                   {"Microsoft.Subscription", true},     {"Microsoft.KeyVault", false},
                                   {"Microsoft.ManagedIdentity", false}, {"Microsoft.Insights", false},
                                   {"Microsoft.EventGrid", false},       {"Microsoft.Logic", false},
                                   {"Microsoft.Network", false},         {"Microsoft.OperationalInsights", false},
                                   {"Microsoft.Storage", false},         {"Microsoft.Web", false},
                                   {"Microsoft.Compute", false},         {"Microsoft.HybridCompute", false}};

const Provider* find_provider(std::string_view name) {
  const auto* found = std::ranges::find_if(kProviders, [&](const Provider& one) { return same_ignoring_case(one.name, name); });
  return found == std::end(kProviders) ? nullptr : found;
}

json::object type_json(const ArmCall& call, std::string_view type, std::span<const std::string_view> versions, bool regional) {
  json::array known, locations;
  for (const auto version : versions) known.emplace_back(version);
  if (regional) {
    const std::string names = location_names(call);
    for (std::size_t from = 0; from < names.size();) {
      const auto comma = std::min(names.find(", ", from), names.size());
      locations.emplace_back(names.substr(from, comma - from));
      from = comma + 2;
    }
  }
  return {
      {"resourceType", type}, {"locations", std::move(locations)}, {"apiVersions", std::move(known)}, {"capabilities", "None"}};
}

json::object provider_json(const ArmCall& call, const Provider& provider, std::string_view state) {
  json::array types;
  if (provider.name == "Microsoft.KeyVault") {
    types.emplace_back(type_json(call, "vaults", kVaultVersions, true));
    types.emplace_back(type_json(call, "vaults/secrets", kVaultVersions, true));
    types.emplace_back(type_json(call, "vaults/accessPolicies", kVaultVersions, true));
    types.emplace_back(type_json(call, "deletedVaults", kVaultVersions, false));
    types.emplace_back(type_json(call, "locations", kVaultVersions, false));
    types.emplace_back(type_json(call, "locations/deletedVaults", kVaultVersions, true));
    types.emplace_back(type_json(call, "operations", kVaultVersions, false));
  } else if (provider.name == "Microsoft.Authorization") {
    types.emplace_back(type_json(call, "roleAssignments", kAuthorizationVersions, false));
    types.emplace_back(type_json(call, "roleDefinitions", kAuthorizationVersions, false));
  } else if (provider.name == "Microsoft.Resources") {
    types.emplace_back(type_json(call, "deployments", kResourcesVersions, false));
    types.emplace_back(type_json(call, "resourceGroups", kResourcesVersions, true));
    types.emplace_back(type_json(call, "subscriptions", kResourcesVersions, false));
    types.emplace_back(type_json(call, "tenants", kResourcesVersions, false));
  }
  return {{"id", subscription_scope(call.world.state) + "/providers/" + std::string(provider.name)},
          {"namespace", provider.name},
          {"registrationPolicy", provider.always ? "RegistrationFree" : "RegistrationRequired"},
          {"resourceTypes", std::move(types)},
          {"registrationState", state}};
}

/// The state as a reader sees it; a reader of this one provider counts down what is on its way.
std::string look(ArmCall& call, const Provider& provider, bool counts) {
  if (provider.always) return "Registered";
  const auto found = call.world.state.azure.providers.find(lower(provider.name));
  if (found == call.world.state.azure.providers.end()) return "NotRegistered";
  if (found->second.state == "Registering") {
    if (found->second.polls_left > 0) {
      if (counts) --found->second.polls_left;
    } else {
      found->second.state = "Registered";
    }
    call.world.touch();
  }
  return found->second.state;
}

/// A resource of that provider's; empty if the subscription has none.
std::string resource_of(const State& state, std::string_view provider) {
  const auto& azure = state.azure;
  if (provider == "Microsoft.KeyVault" && !azure.vaults.empty()) return vault_scope(state, azure.vaults.begin()->second);
  if (provider == "Microsoft.Network" && !azure.virtual_networks.empty()) {
    const auto& network = azure.virtual_networks.begin()->second;
    return group_scope(state, network.resource_group) + "/providers/Microsoft.Network/virtualNetworks/" + network.name;
  }
  return {};
}

}  // namespace

std::optional<HttpResponse> require_registered(const World& world, std::string_view provider) {
  const auto* known = find_provider(provider);
  if (known != nullptr && known->always) return std::nullopt;
  const auto found = world.state.azure.providers.find(lower(provider));
  if (found != world.state.azure.providers.end() &&
      (found->second.state == "Registered" || (found->second.state == "Registering" && found->second.polls_left == 0))) {
    return std::nullopt;
  }
  const std::string name(known == nullptr ? provider : known->name);
  const std::string message = "The subscription is not registered to use namespace '" + name +
                              "'. See https://aka.ms/rps-not-found for how to register subscriptions.";
  return arm_error(409, "MissingSubscriptionRegistration", message,
                   {{{"code", "MissingSubscriptionRegistration"}, {"target", name}, {"message", message}}});
}

HttpResponse arm_providers(ArmCall& call) {
  const std::string scope = subscription_scope(call.world.state);
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  if (call.ends(3)) {
    if (call.method != "GET") return arm_method_not_allowed(call);
    if (auto refused = require(call, "Microsoft.Resources/subscriptions/providers/read", scope)) return *refused;
    json::array list;
    for (const auto& provider : kProviders) list.emplace_back(provider_json(call, provider, look(call, provider, false)));
    return list_page(call, std::move(list));
  }
  const auto* provider = find_provider(call.parts[3]);
  if (provider == nullptr) {
    return arm_error(404, "InvalidResourceNamespace", "The resource namespace '" + call.parts[3] + "' is invalid.");
  }
  if (call.ends(4) && call.method == "GET") {
    if (auto refused = require(call, std::string(provider->name) + "/read", scope)) return *refused;
    return json_answer(200, provider_json(call, *provider, look(call, *provider, true)));
  }
  const bool on = call.is(4, "register");
  if (!call.ends(5) || call.method != "POST" || (!on && !call.is(4, "unregister"))) return arm_method_not_allowed(call);
  if (auto refused = require(call, std::string(provider->name) + (on ? "/register/action" : "/unregister/action"), scope)) {
    return *refused;
  }
  if (!on) {
    if (const auto used = resource_of(call.world.state, provider->name); !used.empty()) {
      return arm_error(409, "Conflict",
                       "The resource provider '" + std::string(provider->name) +
                           "' cannot be unregistered while the subscription has resources of its types: '" + used + "'.");
    }
  }
  std::string state = look(call, *provider, false);
  if (!provider->always && on && state != "Registered" && state != "Registering") {
    call.world.state.azure.providers[lower(provider->name)] = {"Registering", call.polls()};
    state = call.polls() == 0 ? look(call, *provider, true) : "Registering";
  } else if (!provider->always && !on) {
    call.world.state.azure.providers[lower(provider->name)] = {"Unregistered", 0};
    state = "Unregistered";
  }
  call.world.touch();
  return json_answer(200, provider_json(call, *provider, state));
}

}  // namespace portalkey::sandbox
