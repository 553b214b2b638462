#include "sandbox/arm/virtual_networks.h"

#include <algorithm>

#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kType = "Microsoft.Network/virtualNetworks";
constexpr std::string_view kVersions[] = {"2024-05-01", "2024-03-01", "2024-01-01", "2023-09-01", "2023-05-01",
                                          "2022-11-01", "2022-07-01", "2022-05-01", "2022-01-01", "2021-08-01",
                                          "2021-02-01", "2020-11-01", "2020-04-01", "2019-02-01", "2018-11-01",
                                          "2018-07-01", "2018-01-01", "2017-10-01", "2015-06-15"};

std::string network_id(const State& state, const VirtualNetwork& network) {
  return group_scope(state, network.resource_group) + "/providers/" + std::string(kType) + '/' + network.name;
}

json::object subnet_json(const ArmCall& call, const VirtualNetwork& network, const Subnet& subnet) {
  json::array endpoints;
  for (const auto& service : subnet.service_endpoints) {
    endpoints.push_back({{"provisioningState", "Succeeded"}, {"service", service}, {"locations", json::array{"*"}}});
  }
  return {{"name", subnet.name},
          {"id", network_id(call.world.state, network) + "/subnets/" + subnet.name},
          {"properties",
           {{"provisioningState", "Succeeded"},
            {"addressPrefix", subnet.prefix},
            {"serviceEndpoints", std::move(endpoints)},
            {"delegations", json::array()},
            {"privateEndpointNetworkPolicies", "Disabled"},
            {"privateLinkServiceNetworkPolicies", "Enabled"}}},
          {"type", "Microsoft.Network/virtualNetworks/subnets"}};
}

json::object network_json(const ArmCall& call, const VirtualNetwork& network) {
  json::array subnets;
  for (const auto& subnet : network.subnets) subnets.emplace_back(subnet_json(call, network, subnet));
  return {{"name", network.name},
          {"id", network_id(call.world.state, network)},
          {"type", kType},
          {"location", network.location},
          {"tags", tags_object(network.tags)},
          {"properties",
           {{"provisioningState", "Succeeded"},
            {"addressSpace", {{"addressPrefixes", json::value_from(network.prefixes)}}},
            {"subnets", std::move(subnets)},
            {"virtualNetworkPeerings", json::array()},
            {"enableDdosProtection", false}}}};
}

HttpResponse invalid_format(std::string_view what) { return arm_error(400, "InvalidRequestFormat", what); }

/// A subnet as a body gives it; false if it says no address range.
bool read_subnet(const json::object& body, Subnet& subnet) {
  const auto* properties = member(body, "properties");
  if (properties == nullptr || !properties->is_object()) return false;
  const auto& in = properties->get_object();
  subnet.prefix = string_member(in, "addressPrefix").value_or("");
  if (const auto* list = member(in, "addressPrefixes"); subnet.prefix.empty() && list != nullptr && list->is_array() &&
                                                        !list->get_array().empty() && list->get_array()[0].is_string()) {
    subnet.prefix = view(list->get_array()[0].get_string());
  }
  if (const auto* list = member(in, "serviceEndpoints"); list != nullptr && list->is_array()) {
    for (const auto& one : list->get_array()) {
      if (one.is_object()) subnet.service_endpoints.push_back(string_member(one.get_object(), "service").value_or(""));
    }
  }
  return !subnet.prefix.empty();
}

Subnet* named(VirtualNetwork& network, std::string_view name) {
  const auto found =
      std::ranges::find_if(network.subnets, [&](const Subnet& one) { return same_ignoring_case(one.name, name); });
  return found == network.subnets.end() ? nullptr : &*found;
}

HttpResponse put_network(ArmCall& call, const std::string& group, const std::string& name) {
  json::object body;
  if (auto refused = require_registered(call.world, "Microsoft.Network")) return *refused;
  if (auto refused = read_body(call, body)) return *refused;
  VirtualNetwork made;
  made.name = name;
  made.resource_group = group;
  made.location = percent_free_location(string_member(body, "location").value_or(""));
  if (made.location.empty() || !is_location(call, made.location)) {
    return arm_error(400, "LocationRequired", "The location property is required for this definition.");
  }
  if (!read_tags(body, made.tags)) return invalid_format("The tags must be an object of strings.");
  const auto* properties = member(body, "properties");
  const json::object in = properties != nullptr && properties->is_object() ? properties->get_object() : json::object();
  if (const auto* space = member(in, "addressSpace"); space != nullptr && space->is_object()) {
    if (const auto* list = member(space->get_object(), "addressPrefixes"); list != nullptr && list->is_array()) {
      for (const auto& one : list->get_array()) {
        if (one.is_string()) made.prefixes.emplace_back(view(one.get_string()));
      }
    }
  }
  if (made.prefixes.empty()) return invalid_format("A virtual network needs an address range (addressSpace.addressPrefixes).");
  if (const auto* list = member(in, "subnets"); list != nullptr && list->is_array()) {
    for (const auto& one : list->get_array()) {
      Subnet subnet;
      if (one.is_object()) subnet.name = string_member(one.get_object(), "name").value_or("");
      if (subnet.name.empty() || !read_subnet(one.get_object(), subnet)) {
        return invalid_format("A subnet needs a name and an address range (addressPrefix).");
      }
      made.subnets.push_back(std::move(subnet));
    }
  }
  const auto key = lower(group + '/' + name);
  const auto [place, fresh] = call.world.state.azure.virtual_networks.insert_or_assign(key, std::move(made));
  call.world.touch();
  return json_answer(fresh ? 201 : 200, network_json(call, place->second));
}

HttpResponse on_subnet(ArmCall& call, VirtualNetwork& network) {
  if (call.ends(9)) {
    if (call.method != "GET") return arm_method_not_allowed(call);
    json::array list;
    for (const auto& subnet : network.subnets) list.emplace_back(subnet_json(call, network, subnet));
    return json_answer(200, list_answer(std::move(list)));
  }
  Subnet* known = named(network, call.parts[9]);
  if (call.method == "PUT") {
    json::object body;
    if (auto refused = read_body(call, body)) return *refused;
    Subnet made;
    made.name = known == nullptr ? call.parts[9] : known->name;
    if (!read_subnet(body, made)) return invalid_format("A subnet needs an address range (addressPrefix).");
    const bool fresh = known == nullptr;
    if (fresh) known = &network.subnets.emplace_back();
    *known = std::move(made);
    call.world.touch();
    return json_answer(fresh ? 201 : 200, subnet_json(call, network, *known));
  }
  if (call.method == "DELETE") {
    if (known == nullptr) return empty_answer(204);
    network.subnets.erase(network.subnets.begin() + (known - network.subnets.data()));
    call.world.touch();
    return empty_answer(200);
  }
  if (call.method != "GET") return arm_method_not_allowed(call);
  if (known == nullptr) {
    return arm_error(404, "NotFound",
                     "Resource " + network_id(call.world.state, network) + "/subnets/" + call.parts[9] + " not found.");
  }
  return json_answer(200, subnet_json(call, network, *known));
}

}  // namespace

const Subnet* find_subnet(const State& state, std::string_view id) {
  for (const auto& [key, network] : state.azure.virtual_networks) {
    const std::string begin = network_id(state, network) + "/subnets/";
    for (const auto& subnet : network.subnets) {
      if (same_ignoring_case(id, begin + subnet.name)) return &subnet;
    }
  }
  return nullptr;
}

HttpResponse arm_virtual_networks(ArmCall& call) {
  if (auto refused = require_version(call, kVersions, "virtualNetworks")) return *refused;
  World& world = call.world;
  const std::string group = call.parts[3];
  std::string scope = group_scope(world.state, group);
  if (find_group(world, group) == nullptr) return group_not_found(group);
  auto& all = world.state.azure.virtual_networks;
  if (call.ends(7)) {
    if (call.method != "GET") return arm_method_not_allowed(call);
    if (auto refused = require(call, std::string(kType) + "/read", scope)) return *refused;
    json::array list;
    for (const auto& [key, network] : all) {
      if (same_ignoring_case(network.resource_group, group)) list.emplace_back(network_json(call, network));
    }
    return list_page(call, std::move(list));
  }
  const bool subnets = call.parts.size() > 8;
  if (subnets && (!call.is(8, "subnets") || call.parts.size() > 10)) {
    return arm_error(404, "InvalidResourceType", "The sandbox knows of virtual networks the subnets only.");
  }
  const std::string& name = call.parts[7];
  scope += "/providers/" + std::string(kType) + '/' + name;
  const auto found = all.find(lower(group + '/' + name));
  const std::string verb = call.method == "GET" ? "read" : call.method == "DELETE" ? "delete" : "write";
  if (call.ends(10)) scope += "/subnets/" + call.parts[9];
  if (auto refused = require(call, std::string(kType) + (subnets ? "/subnets/" : "/") + verb, scope)) return *refused;
  if (call.method == "PUT" && !subnets) return put_network(call, group, name);
  if (found == all.end()) return call.method == "DELETE" ? empty_answer(204) : resource_not_found(kType, name, group);
  if (subnets) return on_subnet(call, found->second);
  if (call.method == "GET") return json_answer(200, network_json(call, found->second));
  if (call.method != "DELETE") return arm_method_not_allowed(call);
  all.erase(found);
  world.touch();
  return empty_answer(200);
}

}  // namespace portalkey::sandbox
