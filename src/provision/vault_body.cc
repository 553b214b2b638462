#include "provision/vault_body.h"

#include <boost/json.hpp>

namespace portalkey {

boost::json::object network_properties(Network network, const std::vector<std::string>& addresses) {
  boost::json::array rules;
  if (network == Network::restricted) {
    for (const auto& address : addresses) rules.push_back(boost::json::object{{"value", address}});
  }
  return {{"publicNetworkAccess", network == Network::closed ? "Disabled" : "Enabled"},
          {"networkAcls", boost::json::object{{"bypass", "AzureServices"},
                                              {"defaultAction", network == Network::open ? "Allow" : "Deny"},
                                              {"ipRules", rules},
                                              {"virtualNetworkRules", boost::json::array()}}}};
}

boost::json::object vault_properties(const Desired& desired) {
  boost::json::object properties{{"tenantId", desired.tenant},
                                 {"sku", boost::json::object{{"family", "A"}, {"name", "standard"}}},
                                 {"enableRbacAuthorization", true},
                                 {"enableSoftDelete", true},
                                 {"softDeleteRetentionInDays", desired.retention_days.value_or(90)},
                                 {"enabledForDeployment", false},
                                 {"enabledForDiskEncryption", false},
                                 {"enabledForTemplateDeployment", false},
                                 {"accessPolicies", boost::json::array()}};
  if (desired.purge_protection.value_or(true)) properties["enablePurgeProtection"] = true;
  for (auto& member : network_properties(desired.network.value_or(Network::open), desired.allowed_addresses)) {
    properties[member.key()] = member.value();
  }
  return properties;
}

}  // namespace portalkey
