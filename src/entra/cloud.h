#pragma once
// The national clouds: host names and resource ids.
// Source: learn.microsoft.com/entra/identity-platform/authentication-national-cloud and the SDKs' endpoint tables.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace portalkey {

struct Cloud {
  std::string name;             ///< as the profile spells it: `global`, `usgov`, `usgov-dod`, `china`
  std::string authority;        ///< host of the sign-in service
  std::string vault_suffix;     ///< `vault.azure.net`
  std::string portal_api;       ///< host of the portal's backend API
  std::string portal_resource;  ///< its application id; empty where nobody has recorded it

  std::string arm;                 ///< host of Azure Resource Manager
  std::string graph;               ///< host of Microsoft Graph
  std::string federated_audience;  ///< what the outside token of a federated credential must be for

  std::string arm_resource() const { return "https://" + arm; }
  std::string graph_resource() const { return "https://" + graph; }
  std::string vault_resource() const { return "https://" + vault_suffix; }
  /// Every host a request of this cloud may go to; an entry with a leading dot stands for all names below it.
  std::vector<std::string> hosts() const;
};

/// The cloud of that name, ignoring case; otherwise invalid_input with the names there are.
Result<Cloud> find_cloud(std::string_view name);

/// Public client of Microsoft's own that is pre-authorised for the portal's backend API (Azure PowerShell).
inline constexpr std::string_view kAzurePowerShell = "1950a258-227b-4e31-a9cf-717495945fc2";

}  // namespace portalkey
