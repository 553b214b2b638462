#pragma once
// The national clouds: host names and resource ids.
// Source: learn.microsoft.com/entra/identity-platform/authentication-national-cloud and the SDKs' endpoint tables.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace portalkey {

/// What a custom cloud leaves out is empty; needs() explains that to whoever wants to use it.
struct Cloud {
  std::string name;             ///< as the profile spells it: `global`, `usgov`, `usgov-dod`, `china`, or its own
  std::string authority;        ///< host of the sign-in service
  std::string vault_suffix;     ///< `vault.azure.net`
  std::string portal_api;       ///< host of the portal's backend API
  std::string portal_resource;  ///< its application id; empty where it is not known for certain

  std::string arm;                 ///< host of Azure Resource Manager
  std::string graph;               ///< host of Microsoft Graph
  std::string federated_audience;  ///< what the outside token of a federated credential must be for

  std::vector<std::string> other_authorities;  ///< older names of `authority`; requests never go there

  /// Is the host one where people sign in to this cloud? A device code is entered there, so it must not be anybody's.
  bool has_sign_in_page(std::string_view host) const;
  std::string arm_resource() const { return "https://" + arm; }
  std::string graph_resource() const { return "https://" + graph; }
  std::string vault_resource() const { return "https://" + vault_suffix; }
  /// Every host a request of this cloud may go to; an entry with a leading dot stands for all names below it.
  std::vector<std::string> hosts() const;
};

/// invalid_input if `value` (one of the cloud's) is empty: which setting of the cloud is missing and what wants it.
Result<void> needs(const Cloud& cloud, const std::string& value, std::string_view setting, std::string_view what_for);

/// The cloud whose sign-in service has this host, under any of its names; nullptr if there is none. (`usgov` and `usgov-dod`
/// share one: the first is meant.)
const Cloud* cloud_of_authority(std::string_view host);

/// The cloud of that name, ignoring case; otherwise invalid_input with the names there are.
Result<Cloud> find_cloud(std::string_view name);

/// Public client of Microsoft's own that is pre-authorised for the portal's backend API (Azure PowerShell).
inline constexpr std::string_view kAzurePowerShell = "1950a258-227b-4e31-a9cf-717495945fc2";

}  // namespace portalkey
