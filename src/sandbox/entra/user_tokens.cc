// The answer to a user's sign-in: tokens of three kinds.

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/app_settings.h"
#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kSinglePageSession = 86400;

// Tokens of Azure PowerShell and CLI for Graph carry these and no others.
constexpr std::string_view kFirstPartyGraphScopes =
    "Application.ReadWrite.All AppRoleAssignment.ReadWrite.All AuditLog.Read.All DelegatedPermissionGrant.ReadWrite.All "
    "Directory.AccessAsUser.All Group.ReadWrite.All User.Read.All";

/// Drops what can no longer be redeemed, and, of very many, the oldest that were redeemed: nobody holds those any more.
void prune_refresh_tokens(World& world) {
  auto& tokens = world.state.refresh_tokens;
  if (tokens.size() < 4000) return;
  std::vector<std::int64_t> redeemed;
  for (const auto& [hash, token] : tokens) {
    if (token.redeemed) redeemed.push_back(token.sequence);
  }
  if (redeemed.size() < 2000) return;
  std::ranges::sort(redeemed);
  const std::int64_t limit = redeemed[redeemed.size() - 1000];
  std::erase_if(tokens, [&](const auto& item) { return item.second.redeemed && item.second.sequence < limit; });
}

/// A user's refresh token: kept by its hash only.
std::string new_refresh_token(World& world, RefreshTokenRecord record) {
  prune_refresh_tokens(world);
  std::string token =
      "1.AX0A" + opaque(world.random, 20) + ".AgABAwEAAAA" + opaque(world.random, 950 + world.random.below(100));
  world.state.refresh_tokens[sha256_hex(token)] = std::move(record);
  return token;
}

/// What an API of the tenant's own defines, all of it: consent is not emulated.
std::string own_scopes(const World& world, const Resource& resource) {
  std::string out;
  const auto settings = settings_of(world.state.apps.at(resource.app_id));
  const auto* defined = setting(settings, {"api", "oauth2PermissionScopes"});
  if (defined != nullptr && defined->is_array()) {
    for (const auto& scope : defined->get_array()) {
      if (!scope.is_object() || !bool_member(scope.get_object(), "isEnabled").value_or(true)) continue;
      if (!out.empty()) out += ' ';
      out += string_member(scope.get_object(), "value").value_or("");
    }
  }
  return out.empty() ? "Tokens.Manage" : out;
}

/// The delegated permissions that were granted to the client for the user, or for everybody.
std::string consented_scopes(const World& world, const Client& client, const Resource& resource, const SandboxUser& user) {
  const auto* from = find_service_principal(world, client.id);
  const auto* to = find_service_principal(world, resource.app_id);
  std::string out;
  if (from == nullptr || to == nullptr) return out;
  for (const auto& [id, grant] : world.state.permission_grants) {
    if (grant.client_id != from->object_id || grant.resource_id != to->object_id) continue;
    if (grant.consent_type != "AllPrincipals" && grant.principal_id != user.oid) continue;
    for (const auto& scope : words_of(grant.scope)) {
      if (is_oidc_scope(scope)) continue;
      if (!out.empty()) out += ' ';
      out += scope;
    }
  }
  return out;
}

std::string granted_scopes(const World& world, const Client& client, const SandboxUser& user, const Resource& resource,
                           const Wanted& wanted) {
  std::string named;
  for (const auto& scope : wanted.scopes) {
    if (is_oidc_scope(scope) || scope.ends_with("/.default")) continue;
    if (!named.empty()) named += ' ';
    named += scope.substr(scope.rfind('/') + 1);
  }
  if (resource.kind == ResourceKind::graph && client.first_party && client.id != kGraphTools) {
    return std::string(kFirstPartyGraphScopes) + (client.id == kAzureCli ? " User.ReadWrite.All" : "");
  }
  if (!named.empty()) return named;
  if (auto consented = consented_scopes(world, client, resource, user); !consented.empty()) return consented;
  if (resource.kind == ResourceKind::graph) return "User.Read";
  return resource.kind == ResourceKind::own ? own_scopes(world, resource) : "user_impersonation";
}

std::string scope_answer(const std::string& identifier, const std::string& granted, const Wanted& wanted) {
  std::string out;
  for (const auto& scope : wanted.scopes) {
    if (is_oidc_scope(scope) && scope != "offline_access") out += scope + ' ';
  }
  for (const auto& scope : words_of(granted)) out.append(identifier).append("/").append(scope).append(" ");
  return out + identifier + "/.default";
}

}  // namespace

HttpResponse user_token_answer(EntraCall& call, const Client& client, const SignIn& sign_in, const Wanted& wanted,
                               const Resource& resource) {
  World& world = call.world;
  const auto claims = claims_of(call);
  if (!claims) return call.error(9002313, call.details());
  TokenRequest token;
  token.cloud = &call.cloud;
  token.user = sign_in.user;
  token.client_id = client.id;
  token.confidential = client.confidential;
  token.by_certificate = client.by_certificate;
  token.nonce = sign_in.nonce;
  token.tenant = sign_in.tenant;
  token.claims = *claims;
  token.resource = resource;
  token.audience = wanted.identifier;
  token.scope = granted_scopes(world, client, *sign_in.user, resource, wanted);
  token.mfa = sign_in.mfa;
  token.sequence = ++world.state.sequence;
  token.lifetime = draw_lifetime(world);
  const std::int64_t now = world.clock.seconds();
  world.touch();

  json::object body{{"token_type", "Bearer"}};
  if (call.version1) {
    body["scope"] = token.scope;
    body["expires_in"] = std::to_string(token.lifetime);
    body["ext_expires_in"] = std::to_string(token.lifetime);
    body["expires_on"] = std::to_string(now + token.lifetime);
    body["not_before"] = std::to_string(now);
    body["resource"] = wanted.identifier;
  } else {
    body["scope"] = scope_answer(wanted.identifier, token.scope, wanted);
    body["expires_in"] = token.lifetime;
    body["ext_expires_in"] = token.lifetime;
  }
  body["access_token"] = make_access_token(world, token);
  if (call.version1 || wanted.has("offline_access")) {
    const std::int64_t ends = sign_in.single_page ? now + kSinglePageSession : sign_in.session_ends;
    body["refresh_token"] = new_refresh_token(world, {client.id, lower(sign_in.user->upn), wanted.identifier, token.sequence,
                                                      now, now, sign_in.mfa, false, !client.confidential, ends});
    if (ends != 0) body["refresh_token_expires_in"] = ends - now;
  }
  if (wanted.has("openid") || (call.version1 && sign_in.first)) {
    body["id_token"] = make_id_token(world, token, call.version1);
  }
  if (world.options.foci && client.first_party) body["foci"] = "1";
  if (call.parameter("client_info") == "1") {
    const json::object info{{"uid", sign_in.user->oid}, {"utid", world.state.tenant_id}};
    body["client_info"] = base64url(json::serialize(info));
  }
  return json_answer(200, body);
}

int judge_user(const SandboxUser* user) {
  if (user == nullptr || user->deleted) return 50034;
  return user->disabled ? 50057 : 0;
}

int judge_sign_in(const World& world, bool mfa) {
  if (world.state.policy.sign_in_error != 0) return world.state.policy.sign_in_error;
  return world.state.policy.require_mfa && !mfa ? 50076 : 0;
}

std::optional<ClaimsRequest> claims_of(const EntraCall& call) {
  const auto text = call.parameter("claims");
  return text ? read_claims_request(*text) : ClaimsRequest();
}

}  // namespace portalkey::sandbox
