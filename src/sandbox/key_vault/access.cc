// Who may: the token, the firewall, then role assignments or access policies.

#include <algorithm>

#include "sandbox/entra/claims_challenge.h"
#include "sandbox/entra/resources.h"
#include "sandbox/key_vault/call.h"
#include "sandbox/world/ip_rules.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

HttpResponse challenge(const VaultCall& call, std::string_view message, bool had_token) {
  auto answer = vault_error(401, "Unauthorized", message);
  std::string value = "Bearer authorization=\"https://" + std::string(call.cloud.authority) + '/' + call.vault.tenant_id +
                      "\", resource=\"https://" + std::string(call.cloud.vault_suffix) + '"';
  if (had_token) value += ", error=\"invalid_token\"";
  answer.headers.emplace_back("WWW-Authenticate", value);
  return answer;
}

struct RightName {
  Right right;
  std::string_view action;      ///< in role definitions
  std::string_view permission;  ///< in access policies
};
constexpr RightName kRights[] = {
    {Right::get, "Microsoft.KeyVault/vaults/secrets/getSecret/action", "get"},
    {Right::set, "Microsoft.KeyVault/vaults/secrets/setSecret/action", "set"},
    {Right::metadata, "Microsoft.KeyVault/vaults/secrets/readMetadata/action", "list"},
    {Right::update, "Microsoft.KeyVault/vaults/secrets/update/action", "set"},
    {Right::remove, "Microsoft.KeyVault/vaults/secrets/delete", "delete"},
    {Right::recover, "Microsoft.KeyVault/vaults/secrets/recover/action", "recover"},
    {Right::purge, "Microsoft.KeyVault/vaults/secrets/purge/action", "purge"},
    {Right::backup, "Microsoft.KeyVault/vaults/secrets/backup/action", "backup"},
    {Right::restore, "Microsoft.KeyVault/vaults/secrets/restore/action", "restore"},
};

bool policy_allows(const VaultCall& call, std::string_view permission) {
  return std::ranges::any_of(call.vault.access_policies, [&](const VaultAccessPolicy& policy) {
    if (!same_ignoring_case(policy.object_id, call.caller.oid)) return false;
    if (!policy.application_id.empty() && !same_ignoring_case(policy.application_id, call.caller.app_id)) return false;
    for (const auto& [kind, names] : policy.permissions) {
      if (!same_ignoring_case(kind, "secrets")) continue;
      return std::ranges::any_of(names, [&](const std::string& name) {
        return same_ignoring_case(name, permission) || (same_ignoring_case(name, "all") && permission != "purge");
      });
    }
    return false;
  });
}

}  // namespace

std::optional<HttpResponse> authenticate(VaultCall& call) {
  const auto token = bearer_of(call.request);
  if (!token) return challenge(call, "AKV10000: Request is missing a Bearer or PoP token.", false);
  auto read = read_access_token(call.world, *token);
  if (!read) return challenge(call, "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.", true);
  call.caller = std::move(*read);
  const AccessClaims& claims = call.caller;
  const std::string expected = "https://" + std::string(call.cloud.vault_suffix);
  if (!vault_accepts(call.cloud, claims.aud)) {
    return challenge(call, "AKV10022: Invalid audience. Expected " + expected + ", found: " + claims.aud + ".", true);
  }
  if (!same_ignoring_case(claims.tid, call.vault.tenant_id)) {
    return challenge(call,
                     "AKV10032: Invalid issuer. Expected one of https://" + std::string(call.cloud.v1_issuer_host) + '/' +
                         call.vault.tenant_id +
                         "/, https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/, "
                         "https://sts.windows.net/e2d54eb5-3869-4f70-8578-dee5fc7331f4/, found " +
                         claims.iss + ".",
                     true);
  }
  const std::int64_t now = call.world.clock.seconds();
  if (now >= claims.exp || now + 300 < claims.nbf) {
    return challenge(call, "[TokenExpired] Error validating token: 'S2S12086'.", true);
  }
  if (auto header = claims_challenge(call.world, call.cloud, "vault", claims)) {
    auto answer =
        vault_error(401, "Unauthorized", "AKV10000: Continuous access evaluation: the token does not have the claims.");
    answer.headers.emplace_back("WWW-Authenticate", std::move(*header));
    return answer;
  }
  return std::nullopt;
}

std::optional<HttpResponse> admit(const VaultCall& call) {
  const Vault& vault = call.vault;
  if (!vault.public_access) {
    return vault_error(403, "Forbidden",
                       "Public network access is disabled and request is not from a trusted service nor via an approved "
                       "private link.\r\nCaller: " +
                           call.caller_text() + "\r\nVault: " + call.vault_text(),
                       "ForbiddenByConnection");
  }
  if (!vault.deny_by_default) return std::nullopt;
  const auto address = parse_ipv4(call.address());
  const bool listed = address && std::ranges::any_of(vault.ip_rules, [&](const std::string& rule) {
                        const auto block = parse_address_block(rule);
                        return block && block->contains(*address);
                      });
  if (listed) return std::nullopt;
  return vault_error(403, "Forbidden",
                     "Client address is not authorized and caller is not a trusted service.\r\nClient address: " +
                         call.address() + "\r\nCaller: " + call.caller_text() + "\r\nVault: " + call.vault_text(),
                     "ForbiddenByFirewall");
}

std::optional<HttpResponse> authorize(VaultCall& call, Right right, std::string_view secret) {
  const auto* name = std::ranges::find(kRights, right, &RightName::right);
  const Vault& vault = call.vault;
  if (!vault.rbac) {
    if (policy_allows(call, name->permission)) return std::nullopt;
    return vault_error(403, "Forbidden",
                       "The user, group or application '" + call.caller_text() + "' does not have secrets " +
                           std::string(name->permission) + " permission on key vault '" + call.vault_text() +
                           "'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
                       "ForbiddenByPolicy");
  }
  std::string resource = "/subscriptions/" + call.world.state.subscription_id + "/resourcegroups/" +
                         lower(vault.resource_group) + "/providers/microsoft.keyvault/vaults/" + lower(vault.name);
  if (!secret.empty()) resource += "/secrets/" + lower(secret);
  if (const auto* found = allowing(call.world, call.caller.oid, name->action, resource, Plane::data)) {
    call.assignment = found->name;
    std::erase(call.assignment, '-');
    return std::nullopt;
  }
  return vault_error(403, "Forbidden",
                     "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
                     "definitions were changed recently, please observe propagation time.\r\nCaller: " +
                         call.caller_text() + "\r\nAction: '" + std::string(name->action) + "'\r\nResource: '" + resource +
                         "'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: " +
                         call.vault_text() + "\r\n",
                     "ForbiddenByRbac");
}

}  // namespace portalkey::sandbox
