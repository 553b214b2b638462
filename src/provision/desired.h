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
  std::string app_id;            ///< given, or recorded by an earlier run
  bool app_id_given = false;     ///< that app and no other
  std::string making_app_since;  ///< ISO time: an app of that name and mark that was made then is ours; empty: none is
  std::string installation;      ///< drawn at random once: tells this set-up's credentials from those of its like
  std::vector<std::string> redirect_uris;
  bool app_roles = false;
  AppCredential credential = AppCredential::secret;
  std::filesystem::path credential_file;  ///< secret or certificate with its key; 0600
  std::string host;                       ///< names this machine's client secret among the app's
  std::string federated_issuer, federated_subject, federated_audience;

  RoleScope role_scope = RoleScope::vault;
  bool grant_me = false;
  bool graph = false;                     ///< the app gets the permissions that the Graph backend takes
  std::vector<std::string> graph_grants;  ///< ids of the assignments that an earlier run made for that
};

/// A role that the app registration defines for its own HTTP service. The id is the same in every tenant.
struct AppRole {
  std::string_view value, name, description;
};
const std::vector<AppRole>& app_roles();
std::string app_role_id(std::string_view value);

/// `portalkey HOST/PROFILE INSTALLATION`: the display name of the secret or certificate this machine uses.
std::string credential_name(const Desired& desired);
/// The name of the federated credential, the same for the same issuer and subject: immutable, unique within an app.
std::string federated_name(const Desired& desired);

}  // namespace portalkey
