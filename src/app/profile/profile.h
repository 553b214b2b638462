#pragma once
// Where a command works: tenant, cloud, vault, service account. From a TOML file, the environment, or a sandbox.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "entra/credentials/chosen_credential.h"
#include "entra/oauth/cloud.h"
#include "http/url.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {

struct VaultProfile {
  enum class Type { file, key_vault } type = Type::file;
  std::filesystem::path path;             ///< file: the sealed file
  std::filesystem::path passphrase_file;  ///< file: empty means the environment or a prompt
  Url url;                                ///< key_vault: https://NAME.vault.azure.net
  std::string secret_name = "RefreshToken";
  std::size_t keep_versions = 10;  ///< of the secret stay readable, the latest included
};

/// Whom to tell when a person is needed, or will be soon (app/operations/alert.h).
struct AlertProfile {
  std::vector<std::string> command;  ///< a program and its arguments; empty: none
  std::optional<Url> webhook;        ///< https; an address that lets whoever has it post there
  std::chrono::days notice{7};       ///< how long before
};

struct SandboxWire {
  std::filesystem::path folder;
  std::string ca_file;
  std::uint16_t port = 0;
  std::uint16_t admin_port = 0;
};

struct Profile {
  std::string name = "default";
  std::filesystem::path file;  ///< the config file it was read from; empty: none
  std::string tenant;          ///< GUID or verified domain name
  Cloud cloud;
  std::string client_id{kAzurePowerShell};  ///< the public client the service account signs in with
  std::string portal_resource;              ///< application id of the portal API; the cloud's unless the profile sets it
  std::string service_account;              ///< UPN; empty: any
  CredentialSettings credential;            ///< who opens the vault and drives Azure Resource Manager and Graph
  VaultProfile vault;
  std::filesystem::path state_folder;   ///< lock and escrow
  std::filesystem::path common_folder;  ///< what all profiles of this user share, one folder below it for each tenant
  Backend backend = Backend::portal;
  std::size_t activations = 200;                ///< the service's limit (0: none) ...
  std::chrono::seconds activation_window{300};  ///< ... in this time
  std::chrono::seconds upload_timeout{15 * 60};
  std::optional<std::chrono::days> mfa_age;  ///< after which the tenant wants MFA afresh; nullopt: not known
  AlertProfile alert;
  std::string proxy;  ///< `http://HOST:PORT`, `none`; empty: the environment's
  std::vector<std::filesystem::path>
      extra_ca_files;  ///< trusted beside the system's: ca_file, PORTALKEY_CA_FILE, SSL_CERT_FILE
  std::optional<SandboxWire> sandbox;
  bool any_vault = false;  ///< a set-up looks for one: requests may go to every vault of the cloud
};

/// Can this be a tenant's GUID or domain name? It stands in the path of the sign-in.
bool is_tenant(std::string_view text);

/// Every host that a request of this profile may go to: its cloud's services and, of all the vaults in the cloud, its own.
std::vector<std::string> hosts_of(const Profile& profile);

/// The authority that takes a work account of whatever tenant: for a set-up that learns the tenant from the subscription.
inline constexpr std::string_view kAnyTenant = "organizations";

struct ProfileChoice {
  std::string name;  ///< --profile or PORTALKEY_PROFILE; empty: `default`
  std::filesystem::path
      config;  ///< --config or PORTALKEY_CONFIG; empty: ~/.config/portalkey/config.toml, then /etc/portalkey/config.toml
  std::filesystem::path sandbox;             ///< --sandbox DIR; empty: none
  std::optional<CredentialType> credential;  ///< --credential TYPE; overrides the profile's
  std::optional<Backend> backend;            ///< --backend NAME; overrides the profile's
  bool portal = true;  ///< the command calls the portal API: its application id must be known in the profile's cloud
  bool setup = false;  ///< `portalkey setup` writes the profile: it may be missing, and its tenant open
};

/// invalid_input names the file, line and setting. With a sandbox and no --profile or --config no file is read.
Result<Profile> load_profile(const ProfileChoice& choice, const Environment& environment);

/// Where profiles are looked for, in order; there need not be a file.
std::vector<std::filesystem::path> config_files(const ProfileChoice& choice, const Environment& environment);

/// The config file a profile is written to: the one named, the sandbox's own (client/config.toml in its folder), or the user's.
std::filesystem::path config_file(const ProfileChoice& choice, const Environment& environment);

}  // namespace portalkey
