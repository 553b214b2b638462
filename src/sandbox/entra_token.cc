// The token endpoint: who is calling, by which grant, for what.

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "sandbox/access_tokens.h"
#include "sandbox/entra_call.h"
#include "sandbox/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kInactivity = 90LL * 86400;
constexpr std::string_view kGraphAppId = "00000003-0000-0000-c000-000000000000";
constexpr std::string_view kOidcScopes[] = {"openid", "profile", "email", "offline_access"};

// Tokens of Azure PowerShell and CLI for Graph carry these and no others.
constexpr std::string_view kFirstPartyGraphScopes =
    "Application.ReadWrite.All AppRoleAssignment.ReadWrite.All AuditLog.Read.All DelegatedPermissionGrant.ReadWrite.All "
    "Directory.AccessAsUser.All Group.ReadWrite.All User.Read.All";

bool is_oidc_scope(std::string_view scope) { return std::ranges::find(kOidcScopes, scope) != std::end(kOidcScopes); }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = trimmed(text)).empty()) {
    const auto end = text.find(' ');
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return words;
}

/// `https://vault.azure.net/.default` -> `https://vault.azure.net`; a bare `User.Read` is Graph's.
std::string resource_of_scope(const std::string& scope) {
  if (scope.ends_with("/.default")) return scope.substr(0, scope.size() - 9);
  const auto slash = scope.rfind('/');
  if (slash == std::string::npos) return std::string(kGraphAppId);
  return scope.substr(0, slash);
}

struct Identified {
  Client client;
  int error = 0;
};

/// Client id and credential, from the body or from a Basic header.
Identified identify(const EntraCall& call) {
  Identified out;
  std::optional<std::string> id = call.parameter("client_id");
  std::optional<std::string> secret = call.parameter("client_secret");
  const std::string_view authorization = call.request.header("authorization");
  if (authorization.size() > 6 && same_ignoring_case(authorization.substr(0, 6), "Basic ")) {
    if (const auto decoded = decode_base64(trimmed(authorization.substr(6)))) {
      const auto colon = decoded->find(':');
      const auto part = [&](std::string_view text) {
        const auto form = parse_form("v=" + std::string(text));
        return form.empty() ? std::string() : form.front().second;
      };
      id = part(std::string_view(*decoded).substr(0, colon));
      if (colon != std::string::npos) secret = part(std::string_view(*decoded).substr(colon + 1));
    }
  }
  if (!id) {
    out.error = 900144;
    return out;
  }
  out.client.id = lower(*id);
  out.client.first_party = out.client.id == kAzurePowerShell || out.client.id == kAzureCli;
  if (out.client.first_party) {
    if (secret) out.error = 700025;
    return out;
  }
  const auto app = call.world.state.apps.find(out.client.id);
  if (app == call.world.state.apps.end()) {
    out.error = 700016;
  } else if (!secret) {
    out.error = 7000218;
  } else if (std::ranges::none_of(app->second.passwords, [&](const auto& one) { return one.secret == *secret; })) {
    out.error = 7000215;
  } else if (call.world.state.policy.client_secret_expired) {
    out.error = 7000222;
  } else {
    out.client.confidential = true;
  }
  return out;
}

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

std::string granted_scopes(const Client& client, const Resource& resource, const Wanted& wanted) {
  std::string named;
  for (const auto& scope : wanted.scopes) {
    if (is_oidc_scope(scope) || scope.ends_with("/.default")) continue;
    if (!named.empty()) named += ' ';
    named += scope.substr(scope.rfind('/') + 1);
  }
  if (resource.kind == ResourceKind::graph && client.first_party) {
    return std::string(kFirstPartyGraphScopes) + (client.id == kAzureCli ? " User.ReadWrite.All" : "");
  }
  if (!named.empty()) return named;
  if (resource.kind == ResourceKind::graph) return "User.Read";
  return resource.kind == ResourceKind::own ? "Tokens.Manage" : "user_impersonation";
}

std::string scope_answer(const std::string& identifier, const std::string& granted, const Wanted& wanted) {
  std::string out;
  for (const auto& scope : wanted.scopes) {
    if (is_oidc_scope(scope) && scope != "offline_access") out += scope + ' ';
  }
  for (const auto& scope : words_of(granted)) out.append(identifier).append("/").append(scope).append(" ");
  return out + identifier + "/.default";
}

struct SignIn {
  SandboxUser* user = nullptr;
  bool mfa = false;
  bool first = false;  ///< a device code, not a refresh
};

HttpResponse user_token_answer(EntraCall& call, const Client& client, const SignIn& sign_in, const Wanted& wanted,
                               const Resource& resource) {
  World& world = call.world;
  TokenRequest token;
  token.cloud = &call.cloud;
  token.user = sign_in.user;
  token.client_id = client.id;
  token.confidential = client.confidential;
  token.resource = resource;
  token.audience = wanted.identifier;
  token.scope = granted_scopes(client, resource, wanted);
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
    body["refresh_token"] = new_refresh_token(
        world, {client.id, lower(sign_in.user->upn), wanted.identifier, token.sequence, now, now, sign_in.mfa, false});
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

/// 0, or the code for an account that may not sign in.
int judge_user(const SandboxUser* user) {
  if (user == nullptr || user->deleted) return 50034;
  return user->disabled ? 50057 : 0;
}

HttpResponse refresh_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  const auto token = call.parameter("refresh_token");
  if (!token) {
    details.value = "refresh_token";
    return call.error(900144, details);
  }
  Wanted wanted;
  if (const int code = read_wanted(call, wanted); code != 0) return call.error(code, details);

  const auto found = world.state.refresh_tokens.find(sha256_hex(*token));
  if (found == world.state.refresh_tokens.end()) {
    const bool looks_real = token->size() > 100 && (token->starts_with("0.") || token->starts_with("1."));
    return call.error(looks_real ? 70000 : 9002313, details);
  }
  RefreshTokenRecord& record = found->second;
  SandboxUser* user = find_user(world, record.user);
  details.user = user == nullptr ? record.user : user->upn;
  details.issued = iso7(record.issued);
  if (wanted.identifier.empty()) wanted.identifier = record.resource;
  details.resource = wanted.identifier;
  if (record.client_id != client.id) return call.error(70000, details);
  if (const int forced = world.state.policy.refresh_error; forced != 0) {
    details.value = iso7(world.clock.seconds());
    return call.error(forced, details);
  }
  if (const int code = judge_user(user); code != 0) return call.error(code, details);
  if (record.sequence <= user->revoked_through) {
    details.value = iso7(user->revoked_at);
    return call.error(50173, details);
  }
  if (world.clock.seconds() - record.used >= kInactivity) return call.error(700082, details);
  if (world.options.single_use_refresh && record.redeemed) return call.error(70008, details);
  const auto resource = find_resource(world, wanted.identifier);
  if (const int code = why_not(world, client, resource); code != 0) return call.error(code, details);
  if (world.state.policy.require_mfa && !record.mfa) return call.error(50076, details);

  record.redeemed = true;
  record.used = world.clock.seconds();
  return user_token_answer(call, client, {user, record.mfa, false}, wanted, *resource);
}

HttpResponse device_code_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  auto code = call.parameter("device_code");
  if (!code) code = call.parameter("code");
  if (!code) {
    details.value = call.version1 ? "code" : "device_code";
    return call.error(900144, details);
  }
  const auto found = world.device_codes.find(*code);
  if (found == world.device_codes.end() || found->second.status == DeviceCode::Status::used) return call.error(70018, details);
  DeviceCode& device = found->second;
  if (device.client_id != client.id) return call.error(70000, details);
  if (device.status == DeviceCode::Status::declined) return call.error(70000, details, "authorization_declined");
  if (world.clock.seconds() >= device.expires) return call.error(call.version1 ? 70019 : 70020, details);
  if (device.status == DeviceCode::Status::pending) return call.error(70016, details);

  Wanted wanted;
  if (call.version1) {
    if (const int error = read_wanted(call, wanted); error != 0) return call.error(error, details);
  }
  if (wanted.identifier.empty()) wanted.identifier = device.resource;
  wanted.scopes.insert(wanted.scopes.end(), device.scopes.begin(), device.scopes.end());
  details.resource = wanted.identifier;
  SandboxUser* user = find_user(world, device.user);
  details.user = device.user;
  if (const int error = judge_user(user); error != 0) return call.error(error, details);
  const auto resource = find_resource(world, wanted.identifier);
  if (const int error = why_not(world, client, resource); error != 0) return call.error(error, details);
  if (world.state.policy.require_mfa && !device.mfa) return call.error(50076, details);
  device.status = DeviceCode::Status::used;
  return user_token_answer(call, client, {user, device.mfa, true}, wanted, *resource);
}

HttpResponse client_credentials_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  if (call.any_tenant()) return call.error(50059, details);
  if (!client.confidential) return call.error(7000218, details);
  Wanted wanted;
  if (const int code = read_wanted(call, wanted); code != 0) return call.error(code, details);
  if (!call.version1) {
    details.value = call.parameter("scope").value_or("scope");
    if (wanted.scopes.empty()) return call.error(900144, details);
    const bool all_default = std::ranges::all_of(wanted.scopes, [](const auto& scope) { return scope.ends_with("/.default"); });
    if (!all_default) return call.error(1002012, details);
  } else if (wanted.identifier.empty()) {
    details.value = "resource";
    return call.error(900144, details);
  }
  const auto resource = find_resource(world, wanted.identifier);
  details.resource = wanted.identifier;
  if (!resource) return call.error(500011, details);

  TokenRequest token;
  token.cloud = &call.cloud;
  token.client_id = client.id;
  token.confidential = true;
  token.resource = *resource;
  token.audience = wanted.identifier;
  token.lifetime = world.options.access_token_lifetime ? draw_lifetime(world) : 3599;
  json::object body{{"token_type", "Bearer"}};
  if (call.version1) {
    const std::int64_t now = world.clock.seconds();
    body["expires_in"] = std::to_string(token.lifetime);
    body["ext_expires_in"] = std::to_string(token.lifetime);
    body["expires_on"] = std::to_string(now + token.lifetime);
    body["not_before"] = std::to_string(now);
    body["resource"] = wanted.identifier;
  } else {
    body["expires_in"] = token.lifetime;
    body["ext_expires_in"] = token.lifetime;
  }
  body["access_token"] = make_access_token(world, token);
  return json_answer(200, body);
}

}  // namespace

bool Wanted::has(std::string_view scope) const { return std::ranges::find(scopes, scope) != scopes.end(); }

int read_wanted(const EntraCall& call, Wanted& wanted) {
  const auto scope = call.parameter("scope");
  if (call.version1) {
    wanted.identifier = call.parameter("resource").value_or("");
    for (auto& word : words_of(scope.value_or(""))) {  // version 1 takes OpenID Connect's scopes and ignores the rest
      if (is_oidc_scope(word)) wanted.scopes.push_back(std::move(word));
    }
    return 0;
  }
  if (call.parameter("resource")) return 901002;
  if (!scope) {
    const bool empty = std::ranges::any_of(call.form, [](const auto& item) { return item.first == "scope"; });
    return empty ? 28003 : 0;
  }
  for (auto& word : words_of(*scope)) {
    if (!is_oidc_scope(word)) {
      std::string identifier = resource_of_scope(word);
      if (identifier.empty()) return 70011;
      if (!wanted.identifier.empty() && wanted.identifier != identifier) return 28000;
      wanted.identifier = std::move(identifier);
    }
    wanted.scopes.push_back(std::move(word));
  }
  return 0;
}

int why_not(const World&, const Client& client, const std::optional<Resource>& resource) {
  if (!resource) return 500011;
  return resource->kind == ResourceKind::portal && !client.first_party ? 65002 : 0;
}

HttpResponse token_endpoint(EntraCall& call) {
  ErrorDetails details = call.details();
  const auto grant = call.parameter("grant_type");
  if (!grant) {
    details.value = "grant_type";
    return call.error(900144, details);
  }
  const auto identified = identify(call);
  details.client = identified.client.id;
  details.value = "client_id";
  if (identified.error != 0) return call.error(identified.error, details);
  if (!call.version1 && call.parameter("resource")) return call.error(901002, details);
  const bool device_urn = *grant == "urn:ietf:params:oauth:grant-type:device_code";
  if (*grant == "refresh_token") return refresh_grant(call, identified.client);
  if (device_urn || (call.version1 && *grant == "device_code")) return device_code_grant(call, identified.client);
  if (*grant == "client_credentials") return client_credentials_grant(call, identified.client);
  details.value = *grant;
  return call.error(70003, details);
}

}  // namespace portalkey::sandbox
