#pragma once
// Everything the emulated services share. One thread uses it.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "sandbox/wire/faults.h"
#include "sandbox/world/generated_users.h"
#include "sandbox/world/options.h"
#include "sandbox/world/request_journal.h"
#include "sandbox/world/sandbox_clock.h"
#include "sandbox/world/signing_key.h"
#include "sandbox/world/sliding_window.h"
#include "sandbox/world/state.h"

namespace portalkey::sandbox {

/// A sign-in that waits for a person. Not saved: it lives 15 minutes.
struct DeviceCode {
  enum class Status { pending, approved, declined, used };
  std::string device_code;
  std::string user_code;
  std::string client_id;
  std::string resource;             ///< as asked for
  std::vector<std::string> scopes;  ///< version 2: all of them; version 1: what `scope` had
  std::int64_t expires = 0;         ///< Unix seconds
  Status status = Status::pending;
  std::string user;  ///< key of who approved
  bool mfa = false;
};

/// An authorization code, waiting to be redeemed. Not saved: it lives ten minutes.
struct AuthorizationCode {
  std::string client_id;
  std::string redirect_uri;
  std::string resource;             ///< as asked for
  std::vector<std::string> scopes;  ///< as of DeviceCode
  std::string nonce;
  std::string challenge;  ///< PKCE; empty: none
  bool plain = false;     ///< the challenge is the verifier itself
  std::string claims;     ///< the parameter, as given
  std::string user;
  bool mfa = false;
  std::int64_t expires = 0;
  bool used = false;
};

/// What a caller may still ask of Resource Manager this hour.
struct ArmQuota {
  std::int64_t hour = 0;  ///< since 1970
  int reads = 0, writes = 0, deletes = 0;
};

struct World {
  World(SandboxOptions options_in, const Clock& real, State state_in, SigningKey signing_in);

  /// Something that must be saved changed.
  void touch() { dirty = true; }

  SandboxOptions options;
  SandboxClock clock;
  GeneratedUsers generated;
  State state;
  SigningKey signing;
  Random random;
  FaultBook faults;
  RequestJournal journal;
  std::map<std::string, DeviceCode> device_codes;                       ///< by device code
  std::map<std::string, AuthorizationCode> authorization_codes;         ///< by code
  std::map<std::string, std::int64_t, std::less<>> replication_misses;  ///< by object id: see replication.h
  std::map<std::string, std::string> arc_keys;                          ///< by file name: of challenges not yet answered
  SlidingWindow activations;
  SlidingWindow vault_reads{4000, 10};
  SlidingWindow vault_writes{300, 10};
  std::map<std::string, SlidingWindow> graph_windows;             ///< see graph_throttle.h
  std::unordered_map<std::string, std::string> user_keys_by_oid;  ///< those looked for so far: the list may be long
  ArmQuota arm_quota;
  bool dirty = false;
};

// The tenant's fixed members.
inline constexpr std::string_view kTenantName = "contoso";
inline constexpr std::string_view kDomain = "contoso.com";
inline constexpr std::string_view kInitialDomain = "contoso.onmicrosoft.com";
inline constexpr std::string_view kServiceAccount = "svc-portalkey@contoso.com";
inline constexpr std::string_view kAdminAccount = "admin@contoso.com";
inline constexpr std::string_view kFirstResourceGroup = "contoso-rg";
inline constexpr std::string_view kSecretName = "RefreshToken";
inline constexpr std::string_view kAzurePowerShell = "1950a258-227b-4e31-a9cf-717495945fc2";
inline constexpr std::string_view kAzureCli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Of Connect-MgGraph: `Microsoft Graph Command Line Tools`. Unlike the other two it has what was consented to, no more.
inline constexpr std::string_view kGraphTools = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
inline constexpr std::string_view kGlobalAdministrator = "Global Administrator";
inline constexpr std::string_view kPrivilegedAuthenticationAdministrator = "Privileged Authentication Administrator";
inline constexpr std::string_view kSecretsOfficer = "Key Vault Secrets Officer";
inline constexpr std::string_view kSecretsUser = "Key Vault Secrets User";

/// A tenant as it is on the first day: accounts, the app registration, roles; without a signing key.
State fresh_state(const SandboxOptions& options);
/// Adds the accounts of `--users` to a state.
Result<void> add_listed_users(State& state, const SandboxOptions& options);

/// The app registration `portalkey`.
const SandboxApp& own_app(const World& world);
/// The service principal of that client id in this tenant; nullptr if it has none.
const ServicePrincipal* find_service_principal(const World& world, std::string_view client_id);

/// The account of that UPN (any letter case), made on demand in a tenant where everybody exists; nullptr if it does not
/// exist. A deleted account is found too: see its `deleted`.
SandboxUser* find_user(World& world, std::string_view upn);
SandboxUser* find_user_by_oid(World& world, std::string_view oid);
/// The account, made if it is not there; one that was generated as it was generated.
SandboxUser& make_user(State& state, const SandboxOptions& options, std::string_view upn);

bool has_role(const SandboxUser& user, std::string_view role);

/// The same text has the same id in every run with that seed, whatever came before.
std::string stable_guid(std::uint64_t seed, std::string_view text);
std::string hex(Random& random, std::size_t digits);
/// Letters and digits as a base64url text has them.
std::string opaque(Random& random, std::size_t length);
bool is_guid(std::string_view text);

}  // namespace portalkey::sandbox
