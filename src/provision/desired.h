#pragma once
// What an administrator wants. Whatever is left open keeps what exists, and gets the default when it is made.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey {

enum class AppCredential { secret, certificate, federated };
enum class RoleScope { vault, secret };
enum class Network {
  open,        ///< every address may try; who gets in is Entra's decision
  restricted,  ///< only the addresses listed
  closed,      ///< private endpoints only
};

/// Marks what portalkey made: a tag of Azure resources (its value is the profile) and of the app registration.
inline constexpr std::string_view kMark = "portalkey";

struct Desired {
  std::string profile = "default";
  std::string subscription;  ///< id
  std::string tenant;        ///< the subscription's
  std::string resource_group = "portalkey";
  std::string location;  ///< empty: that of what exists
  std::string vault;     ///< empty: one that this profile's set-up made, else a derived name
  bool recover = false;  ///< a deleted vault of that name is brought back
  std::string secret_name = "RefreshToken";
  std::optional<int> retention_days;           ///< 7 to 90; fixed when the vault is made (90)
  std::optional<bool> purge_protection;        ///< on when made; can never be switched off
  std::optional<Network> network;              ///< open when made
  std::vector<std::string> allowed_addresses;  ///< restricted: IPv4 addresses or CIDR ranges
  std::map<std::string, std::string> tags;     ///< of group and vault, beside the mark

  std::string app_name;
  std::string app_id;  ///< recorded by an earlier run; empty: found by name and mark
  std::vector<std::string> redirect_uris;
  bool app_roles = false;
  AppCredential credential = AppCredential::secret;
  std::filesystem::path credential_file;  ///< secret or certificate with its key; 0600
  std::string host;                       ///< names this machine's client secret among the app's
  std::string federated_issuer, federated_subject, federated_audience;

  RoleScope role_scope = RoleScope::vault;
  bool grant_me = false;
};

/// A role that the app registration defines for its own HTTP service. The id is the same in every tenant.
struct AppRole {
  std::string_view value, name, description;
};
const std::vector<AppRole>& app_roles();
std::string app_role_id(std::string_view value);

/// `portalkey HOST/PROFILE`: the display name of the secret or certificate this machine uses.
std::string credential_name(const Desired& desired);

}  // namespace portalkey
