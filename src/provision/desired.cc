#include "provision/desired.h"

#include <fmt/format.h>

#include "provision/names.h"

namespace portalkey {

const std::vector<AppRole>& app_roles() {
  static const std::vector<AppRole> all = {
      {"Tokens.Read", "Read hardware tokens", "List hardware OATH tokens and what was imported."},
      {"Tokens.Write", "Manage hardware tokens", "Activate, disable and remove hardware OATH tokens."},
      {"Imports.Write", "Import hardware tokens", "Import seed files."},
      {"Portal.Invoke", "Call the portal API", "Send any request to the Azure portal's backend API."},
      {"Session.Manage", "Manage the session", "Sign the service account in and refresh its session."},
      {"Audit.Read", "Read the audit trail", "Read what was asked for and done, and the service's figures."},
  };
  return all;
}

std::string app_role_id(std::string_view value) { return uuid_v5(fmt::format("app role|{}", value)); }

std::string credential_name(const Desired& desired) {
  return fmt::format("portalkey {}/{} {}", desired.host, desired.profile, desired.installation);
}

std::string federated_name(const Desired& desired) {
  const auto hash = uuid_v5(fmt::format("federated|{}|{}", desired.federated_issuer, desired.federated_subject));
  return "portalkey-" + hash.substr(0, 8);
}

}  // namespace portalkey
