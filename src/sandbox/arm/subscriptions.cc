// Subscriptions, tenants and locations.

#include <algorithm>

#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

struct Location {
  std::string_view name, display, region, group, pair, latitude, longitude;
};
constexpr Location kGlobal[] = {
    {"westeurope", "West Europe", "(Europe) West Europe", "Europe", "northeurope", "52.3667", "4.9"},
    {"northeurope", "North Europe", "(Europe) North Europe", "Europe", "westeurope", "53.3478", "-6.2597"},
    {"germanywestcentral", "Germany West Central", "(Europe) Germany West Central", "Europe", "germanynorth", "50.110924",
     "8.682127"},
    {"switzerlandnorth", "Switzerland North", "(Europe) Switzerland North", "Europe", "switzerlandwest", "47.451542",
     "8.564572"},
    {"francecentral", "France Central", "(Europe) France Central", "Europe", "francesouth", "46.3772", "2.3730"},
    {"uksouth", "UK South", "(Europe) UK South", "Europe", "ukwest", "50.941", "-0.799"},
    {"swedencentral", "Sweden Central", "(Europe) Sweden Central", "Europe", "swedensouth", "60.67488", "17.14127"},
    {"eastus", "East US", "(US) East US", "US", "westus", "37.3719", "-79.8164"},
    {"eastus2", "East US 2", "(US) East US 2", "US", "centralus", "36.6681", "-78.3889"},
    {"centralus", "Central US", "(US) Central US", "US", "eastus2", "41.5908", "-93.6208"},
    {"westus", "West US", "(US) West US", "US", "eastus", "37.783", "-122.417"},
    {"westus2", "West US 2", "(US) West US 2", "US", "westcentralus", "47.233", "-119.852"},
    {"southeastasia", "Southeast Asia", "(Asia Pacific) Southeast Asia", "Asia Pacific", "eastasia", "1.283", "103.833"},
    {"australiaeast", "Australia East", "(Asia Pacific) Australia East", "Asia Pacific", "australiasoutheast", "-33.86",
     "151.2094"},
    {"japaneast", "Japan East", "(Asia Pacific) Japan East", "Asia Pacific", "japanwest", "35.68", "139.77"},
};
constexpr Location kGovernment[] = {
    {"usgovvirginia", "USGov Virginia", "USGov Virginia", "US Government", "usgovtexas", "37.3719", "-79.8164"},
    {"usgovtexas", "USGov Texas", "USGov Texas", "US Government", "usgovvirginia", "29.4241", "-98.4936"},
    {"usgovarizona", "USGov Arizona", "USGov Arizona", "US Government", "usgovtexas", "33.4484", "-112.0740"},
    {"usdodeast", "USDoD East", "USDoD East", "US Government", "usdodcentral", "36.6676", "-78.3875"},
    {"usdodcentral", "USDoD Central", "USDoD Central", "US Government", "usdodeast", "41.6005", "-93.6091"},
};
constexpr Location kChina[] = {
    {"chinanorth3", "China North 3", "China North 3", "China", "chinaeast3", "39.9042", "116.4074"},
    {"chinaeast3", "China East 3", "China East 3", "China", "chinanorth3", "31.2304", "121.4737"},
    {"chinanorth2", "China North 2", "China North 2", "China", "chinaeast2", "39.9042", "116.4074"},
    {"chinaeast2", "China East 2", "China East 2", "China", "chinanorth2", "31.2304", "121.4737"},
};

std::span<const Location> locations_of(const SandboxCloud& cloud) {
  if (cloud.name == "AzureUSGovernment") return kGovernment;
  if (cloud.name == "AzureChinaCloud") return kChina;
  return kGlobal;
}

/// Who has any role anywhere in a subscription sees it.
bool sees_subscription(const ArmCall& call) {
  const std::int64_t now = call.world.clock.seconds();
  return std::ranges::any_of(call.world.state.azure.role_assignments, [&](const auto& item) {
    return same_ignoring_case(item.second.principal_id, call.caller.oid) &&
           item.second.created + call.world.state.policy.replication_delay <= now;
  });
}

json::object subscription_json(const ArmCall& call) {
  const State& state = call.world.state;
  json::object out{
      {"id", subscription_scope(state)},
      {"authorizationSource", "RoleBased"},
      {"managedByTenants", json::array{}},
      {"subscriptionId", state.subscription_id},
      {"tenantId", state.tenant_id},
      {"displayName", "Contoso"},
      {"state", "Enabled"},
      {"subscriptionPolicies",
       {{"locationPlacementId", "Public_2014-09-01"}, {"quotaId", "PayAsYouGo_2014-09-01"}, {"spendingLimit", "Off"}}}};
  if (!state.azure.tags.empty()) out["tags"] = tags_object(state.azure.tags);
  return out;
}

/// The specification of these lists, unlike others, demands a link.
json::object last_page(json::array list) {
  auto answer = list_answer(std::move(list));
  answer["nextLink"] = "";
  return answer;
}

HttpResponse locations(const ArmCall& call) {
  json::array list;
  for (const auto& one : locations_of(call.cloud)) {
    const std::string id = subscription_scope(call.world.state) + "/locations/";
    list.push_back({{"id", id + std::string(one.name)},
                    {"name", one.name},
                    {"type", "Region"},
                    {"displayName", one.display},
                    {"regionalDisplayName", one.region},
                    {"metadata",
                     {{"regionType", "Physical"},
                      {"regionCategory", "Recommended"},
                      {"geographyGroup", one.group},
                      {"latitude", one.latitude},
                      {"longitude", one.longitude},
                      {"pairedRegion", json::array{{{"name", one.pair}, {"id", id + std::string(one.pair)}}}}}}});
  }
  return json_answer(200, list_answer(std::move(list)));
}

}  // namespace

std::string percent_free_location(std::string_view location) {
  std::string out = lower(location);
  std::erase(out, ' ');
  return out;
}

bool is_location(const ArmCall& call, std::string_view location) {
  const std::string name = percent_free_location(location);
  // A vault of another cloud's first day lies in West Europe in all of them.
  if (name == "westeurope") return true;
  const auto known = locations_of(call.cloud);
  return std::ranges::find(known, name, &Location::name) != known.end();
}

std::string location_names(const ArmCall& call) {
  std::string out;
  for (const auto& one : locations_of(call.cloud)) out += (out.empty() ? "" : ", ") + std::string(one.name);
  return out;
}

HttpResponse arm_tenants(ArmCall& call) {
  if (call.method != "GET") return arm_method_not_allowed(call);
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  const std::string& tenant = call.world.state.tenant_id;
  return json_answer(200, last_page({{{"id", "/tenants/" + tenant},
                                      {"tenantId", tenant},
                                      {"countryCode", "DE"},
                                      {"displayName", "Contoso"},
                                      {"domains", json::array{kDomain, kInitialDomain}},
                                      {"tenantCategory", "Home"},
                                      {"defaultDomain", kDomain},
                                      {"tenantType", "AAD"}}}));
}

HttpResponse arm_subscriptions(ArmCall& call) {
  if (call.method != "GET") return arm_method_not_allowed(call);
  if (auto refused = require_version(call, kResourcesVersions, {})) return *refused;
  const bool seen = sees_subscription(call);
  if (call.ends(1)) {
    json::array list;
    if (seen) list.emplace_back(subscription_json(call));
    return json_answer(200, last_page(std::move(list)));
  }
  if (!seen) {
    if (auto refused = require(call, "Microsoft.Resources/subscriptions/read", subscription_scope(call.world.state))) {
      return *refused;
    }
  }
  if (call.ends(2)) return json_answer(200, subscription_json(call));
  if (call.ends(3) && call.is(2, "locations")) return locations(call);
  return arm_error(404, "InvalidResourceType", "There is no such resource type.");
}

}  // namespace portalkey::sandbox
