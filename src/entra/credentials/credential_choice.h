#pragma once
// Which credential was chosen and why the others were not, for people (`portalkey doctor`).

#include <string>
#include <utility>
#include <vector>

namespace portalkey {

struct CredentialChoice {
  std::string chosen;  ///< type as the profile spells it: `client_secret`, `managed_identity` …; empty: none fits
  std::vector<std::pair<std::string, std::string>> passed_over;  ///< type and why not, in the order tried
};

}  // namespace portalkey
