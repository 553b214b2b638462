#pragma once
// What the emulated tenant remembers. Plain data: the services below read and write it, state_json.h saves it.

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "sandbox/world/arm_state.h"
#include "sandbox/world/directory.h"
#include "sandbox/world/oath_tokens.h"

namespace portalkey::sandbox {

struct SandboxUser {
  std::string upn;  ///< as the directory spells it
  std::string oid;
  std::string display_name;
  std::vector<std::string> roles;  ///< directory roles by display name
  bool guest = false;
  bool disabled = false;
  bool deleted = false;
  std::int64_t revoked_through = 0;  ///< sign-ins up to this sequence number are no longer good
  std::int64_t revoked_at = 0;       ///< Unix seconds
  std::vector<std::string> methods;  ///< registered besides password and hardware tokens (user_methods.h)
};

/// A security group.
struct SandboxGroup {
  std::string id, display_name;
  std::vector<std::string> members;  ///< object ids of users and groups
};

/// The token itself is not kept, only its SHA-256: thousands of a kilobyte each would make every save slow.
struct RefreshTokenRecord {
  std::string client_id;
  std::string user;  ///< UPN in lower case
  std::string resource;
  std::int64_t sequence = 0;  ///< when it was issued, as a number that only grows
  std::int64_t issued = 0;    ///< Unix seconds
  std::int64_t used = 0;      ///< last redeemed
  bool mfa = false;
  bool redeemed = false;
  bool public_client = false;  ///< issued to a client that proved nothing
  std::int64_t ends = 0;       ///< Unix seconds, whatever its use (single-page apps); 0 = never
};

struct UploadRow {
  std::int64_t line = 0;
  std::string upn, serial, base32, interval, manufacturer, model;
  std::string error;  ///< empty if its token was created
};

struct UploadRecord {
  std::string id;
  std::string name;
  std::string status = "InProgress";
  std::int64_t received = 0;  ///< Unix milliseconds
  std::int64_t due = 0;       ///< when its rows are judged
  std::vector<UploadRow> rows;
};

struct SandboxPolicy {
  int refresh_error = 0;                                  ///< an AADSTS code every refresh meets
  int portal_error = 0;                                   ///< an AADSTS code the portal backend's own token exchange meets
  int workload_error = 0;                                 ///< an AADSTS code every app-only token request meets
  int sign_in_error = 0;                                  ///< an AADSTS code every new sign-in of a user meets
  std::map<int, std::string> error_texts;                 ///< AADSTS code -> its description, instead of the sandbox's own
  std::map<std::string, std::int64_t> claims_challenges;  ///< service -> Unix seconds: older tokens are challenged
  std::string refresh_account;  ///< whose tokens every refresh is answered with, by mistake; empty: the right ones
  std::string refresh_tenant;   ///< the tenant that those tokens name, by mistake; empty: the right one
  bool require_mfa = false;
  bool mfa_at_sign_in = true;  ///< whether `--auto-approve` signs in with MFA
  bool mandatory_mfa = false;  ///< Resource Manager takes writes of users with MFA only
  bool client_secret_expired = false;
  std::string upload_outcome = "ok";
  std::string next_approver;              ///< who approves the next device code by itself; once
  std::int64_t replication_delay = 0;     ///< seconds until fresh directory objects and role assignments are known everywhere
  std::int64_t replication_misses = 0;    ///< how often a fresh directory object is looked for in vain
  std::string client_address;             ///< where callers seem to come from, for vaults' IP rules; empty: their real address
  bool graph_throttling = true;           ///< Graph counts requests and refuses too many
  int graph_duplicate_serial = 409;       ///< the status of a second device with a serial number: not documented
  bool graph_wrapped_devices = false;     ///< lists show devices wrapped as methods, as some documentation does
  bool graph_oath_in_government = false;  ///< hardware OATH in US Government's Graph: Microsoft's pages disagree
};

/// `authenticationMethodConfigurations/hardwareOath`: who may use hardware tokens.
struct OathMethodPolicy {
  bool enabled = true;
  /// JSON arrays.
  std::string include_targets = R"([{"targetType":"group","id":"all_users","isRegistrationRequired":false}])";
  std::string exclude_targets = "[]";
};

struct State {
  std::uint64_t runs = 0;  ///< how often this state was started; keeps ids of a later run apart from those of an earlier
  std::uint16_t port = 0;
  std::uint16_t admin_port = 0;
  std::int64_t clock_offset = 0;
  std::int64_t sequence = 0;

  std::string tenant_id;
  std::string subscription_id;
  std::string signing_key_pem;
  std::string signing_certificate_pem;

  std::map<std::string, SandboxUser> users;                            ///< by UPN in lower case
  std::map<std::string, SandboxGroup> groups;                          ///< by id
  std::string own_client_id;                                           ///< of the app registration `portalkey`
  std::map<std::string, SandboxApp> apps;                              ///< by client id
  std::map<std::string, ServicePrincipal> service_principals;          ///< by object id
  std::map<std::string, AppRoleAssignment> app_role_assignments;       ///< by id
  std::map<std::string, PermissionGrant> permission_grants;            ///< by id
  std::string admin_token;                                             ///< what callers of the admin API must send
  std::string identity_header;                                         ///< what App Service's token endpoint wants to hear
  std::unordered_map<std::string, RefreshTokenRecord> refresh_tokens;  ///< by SHA-256 in hex

  Azure azure;  ///< the subscription: groups, vaults with their secrets, role assignments

  OathTokens tokens;
  OathMethodPolicy oath_method_policy;
  std::vector<UploadRecord> uploads;  ///< oldest first
  SandboxPolicy policy;
};

}  // namespace portalkey::sandbox
