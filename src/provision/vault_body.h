#pragma once
// The vault's resource as Azure Resource Manager takes it; also what the exported templates hold.

#include <boost/json/value.hpp>

#include "provision/desired.h"

namespace portalkey {

/// `networkAcls` and `publicNetworkAccess` are members of the answer, as they belong into `properties`.
boost::json::object network_properties(Network network, const std::vector<std::string>& addresses);

/// The properties of a new vault of the tenant. Purge protection is true or absent: false is refused.
boost::json::object vault_properties(const Desired& desired);

}  // namespace portalkey
