#pragma once
// One call of a vault's data plane: who calls, what they may, and the shape of its errors.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/entra/access_tokens.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct VaultCall {
  World& world;
  const HttpRequest& request;
  const SandboxCloud& cloud;
  Vault& vault;
  AccessClaims caller;
  std::string assignment;  ///< the role assignment that allowed it

  std::string base() const { return "https://" + lower(vault.name) + '.' + std::string(cloud.vault_suffix); }
  /// `appid=…;oid=…;iss=…`
  std::string caller_text() const { return "appid=" + caller.app_id + ";oid=" + caller.oid + ";iss=" + caller.iss; }
  std::string vault_text() const { return vault.name + ";location=" + vault.location; }
  /// Where the caller seems to come from.
  std::string address() const {
    return world.state.policy.client_address.empty() ? request.peer : world.state.policy.client_address;
  }
};

enum class Right { get, set, metadata, update, remove, recover, purge, backup, restore };

HttpResponse vault_error(int status, std::string_view code, std::string_view message, std::string_view inner = {});
HttpResponse bad_parameter(std::string_view message);

/// nullopt if the token is good; then the call's `caller` holds its claims.
std::optional<HttpResponse> authenticate(VaultCall& call);
/// nullopt if the vault's firewall lets the caller in.
std::optional<HttpResponse> admit(const VaultCall& call);
/// nullopt if a role assignment or an access policy allows it. `secret` is empty for the vault as a whole.
std::optional<HttpResponse> authorize(VaultCall& call, Right right, std::string_view secret);

/// Below `/secrets` and `/deletedsecrets`; `parts` are the path's segments.
HttpResponse vault_secrets(VaultCall& call, const std::vector<std::string>& parts);
HttpResponse vault_deleted_secrets(VaultCall& call, const std::vector<std::string>& parts);

HttpResponse backup_secret(VaultCall& call, const std::string& name);
HttpResponse restore_secret(VaultCall& call);

// What several of those answer.
json::object bundle_of(const VaultCall& call, const VaultSecret& secret, const SecretVersion& version, bool with_value,
                       bool with_version);
HttpResponse secret_not_found(std::string_view name);
HttpResponse deleted_but_recoverable(std::string_view name);

}  // namespace portalkey::sandbox
