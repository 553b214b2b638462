// Key Vault's secrets, as the REST reference describes them. Deleted secrets can be recovered and purged; backup and
// restore are not there.

#include "sandbox/key_vault.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "sandbox/access_tokens.h"
#include "sandbox/claims_challenge.h"
#include "sandbox/json.h"
#include "sandbox/resources.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kRecoverableDays = 90;
constexpr std::size_t kMaxValueBytes = 25UL * 1024;
constexpr std::string_view kApiVersions[] = {"7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-06-01", "2025-07-01"};

struct VaultCall {
  World& world;
  const HttpRequest& request;
  const SandboxCloud& cloud;
  std::string vault;
  AccessClaims caller;

  std::string base() const { return "https://" + vault + '.' + std::string(cloud.vault_suffix); }
};

HttpResponse vault_error(int status, std::string_view code, std::string_view message, std::string_view inner = {}) {
  json::object error{{"code", code}, {"message", message}};
  if (!inner.empty()) error["innererror"] = {{"code", inner}};
  return json_answer(status, {{"error", std::move(error)}});
}

HttpResponse bad_parameter(std::string_view message) { return vault_error(400, "BadParameter", message); }

HttpResponse not_found(std::string_view name) {
  return vault_error(404, "SecretNotFound",
                     "A secret with (name/id) " + std::string(name) +
                         " was not found in this key vault. If you recently deleted this secret you may be able to recover it "
                         "using the correct recovery command. For help resolving this issue, please see "
                         "https://go.microsoft.com/fwlink/?linkid=2125182");
}

HttpResponse challenge(const World& world, const SandboxCloud& cloud, std::string_view message, bool had_token) {
  auto answer = vault_error(401, "Unauthorized", message);
  std::string value = "Bearer authorization=\"https://" + std::string(cloud.authority) + '/' + world.state.tenant_id +
                      "\", resource=\"https://" + std::string(cloud.vault_suffix) + '"';
  if (had_token) value += ", error=\"invalid_token\"";
  answer.headers.emplace_back("WWW-Authenticate", value);
  return answer;
}

/// nullopt if the token is good; then `claims` are its own.
std::optional<HttpResponse> authenticate(const World& world, const HttpRequest& request, const SandboxCloud& cloud,
                                         AccessClaims& claims) {
  const auto token = bearer_of(request);
  if (!token) return challenge(world, cloud, "AKV10000: Request is missing a Bearer or PoP token.", false);
  auto read = read_access_token(world, *token);
  if (!read) return challenge(world, cloud, "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.", true);
  claims = std::move(*read);
  const std::string expected = "https://" + std::string(cloud.vault_suffix);
  if (!vault_accepts(cloud, claims.aud)) {
    return challenge(world, cloud, "AKV10022: Invalid audience. Expected " + expected + ", found: " + claims.aud + ".", true);
  }
  if (claims.tid != world.state.tenant_id) {
    return challenge(world, cloud,
                     "AKV10032: Invalid issuer. Expected one of " + v1_issuer(world, cloud) +
                         ", https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/, "
                         "https://sts.windows.net/e2d54eb5-3869-4f70-8578-dee5fc7331f4/, found " +
                         claims.iss + ".",
                     true);
  }
  const std::int64_t now = world.clock.seconds();
  if (now >= claims.exp || now + 300 < claims.nbf) {
    return challenge(world, cloud, "[TokenExpired] Error validating token: 'S2S12086'.", true);
  }
  if (auto header = claims_challenge(world, cloud, "vault", claims)) {
    auto answer =
        vault_error(401, "Unauthorized", "AKV10000: Continuous access evaluation: the token does not have the claims.");
    answer.headers.emplace_back("WWW-Authenticate", std::move(*header));
    return answer;
  }
  return std::nullopt;
}

enum class Right { get, set, metadata, update, remove, recover, purge };

std::string_view action_of(Right right) {
  switch (right) {
    case Right::get: return "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    case Right::set: return "Microsoft.KeyVault/vaults/secrets/setSecret/action";
    case Right::metadata: return "Microsoft.KeyVault/vaults/secrets/readMetadata/action";
    case Right::update: return "Microsoft.KeyVault/vaults/secrets/update/action";
    case Right::remove: return "Microsoft.KeyVault/vaults/secrets/delete";
    case Right::recover: return "Microsoft.KeyVault/vaults/secrets/recover/action";
    case Right::purge: return "Microsoft.KeyVault/vaults/secrets/purge/action";
  }
  return "";
}

/// nullopt if the caller's role allows it.
std::optional<HttpResponse> authorize(const VaultCall& call, Right right, std::string_view secret) {
  const auto role = call.world.state.vault_roles.find(call.caller.oid);
  const std::string_view name =
      role == call.world.state.vault_roles.end() ? std::string_view() : std::string_view(role->second);
  if (name == kSecretsOfficer) return std::nullopt;
  if (name == kSecretsUser && (right == Right::get || right == Right::metadata)) return std::nullopt;
  std::string resource = "/subscriptions/" + call.world.state.subscription_id +
                         "/resourcegroups/contoso-rg/providers/microsoft.keyvault/vaults/" + call.vault;
  if (!secret.empty()) resource += "/secrets/" + lower(secret);
  return vault_error(403, "Forbidden",
                     "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
                     "definitions were "
                     "changed recently, please observe propagation time.\r\nCaller: appid=" +
                         call.caller.app_id + ";oid=" + call.caller.oid + ";iss=" + call.caller.iss + "\r\nAction: '" +
                         std::string(action_of(right)) + "'\r\nResource: '" + resource +
                         "'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: " +
                         call.vault + ";location=westeurope\r\n",
                     "ForbiddenByRbac");
}

json::object attributes_of(const SecretVersion& version) {
  json::object out{{"enabled", version.enabled}};
  if (version.nbf) out["nbf"] = *version.nbf;
  if (version.exp) out["exp"] = *version.exp;
  out["created"] = version.created;
  out["updated"] = version.updated;
  out["recoveryLevel"] = "Recoverable+Purgeable";
  out["recoverableDays"] = kRecoverableDays;
  return out;
}

json::object bundle_of(const VaultCall& call, const VaultSecret& secret, const SecretVersion& version, bool with_value,
                       bool with_version) {
  json::object out;
  if (with_value) out["value"] = version.value;
  if (version.content_type) out["contentType"] = *version.content_type;
  out["id"] = call.base() + "/secrets/" + secret.name + (with_version ? '/' + version.id : std::string());
  out["attributes"] = attributes_of(version);
  if (version.has_tags) {
    json::object tags;
    for (const auto& [key, value] : version.tags) tags[key] = value;
    out["tags"] = std::move(tags);
  }
  return out;
}

json::object deleted_bundle_of(const VaultCall& call, const VaultSecret& secret, bool with_version) {
  auto out = bundle_of(call, secret, secret.versions.back(), false, with_version);
  out["recoveryId"] = call.base() + "/deletedsecrets/" + secret.name;
  out["deletedDate"] = secret.deleted;
  out["scheduledPurgeDate"] = secret.deleted + kRecoverableDays * 86400;
  return out;
}

/// Takes `contentType`, `tags` and `attributes` over from a body. The message of a BadParameter if they are no good.
std::string take_properties(const json::object& body, SecretVersion& version) {
  if (const auto* type = member(body, "contentType"); type != nullptr && !type->is_null()) {
    if (!type->is_string()) return "Property contentType has invalid value";
    if (type->get_string().size() > 255) return "contentType must not be longer than 255 characters";
    version.content_type = std::string(view(type->get_string()));
  }
  if (const auto* tags = member(body, "tags"); tags != nullptr && !tags->is_null()) {
    if (!tags->is_object()) return "Property tags has invalid value";
    if (tags->get_object().size() > 15) return "The number of tags must not exceed 15";
    version.tags.clear();
    version.has_tags = true;
    for (const auto& item : tags->get_object()) {
      if (!item.value().is_string()) return "Property tags has invalid value";
      if (item.key().size() > 256 || item.value().get_string().size() > 256) {
        return "A tag's name and value must not be longer than 256 characters";
      }
      version.tags[std::string(item.key())] = view(item.value().get_string());
    }
  }
  if (const auto* attributes = member(body, "attributes"); attributes != nullptr && !attributes->is_null()) {
    if (!attributes->is_object()) return "Property attributes has invalid value";
    const auto& in = attributes->get_object();
    if (const auto* enabled = member(in, "enabled"); enabled != nullptr && !enabled->is_null()) {
      if (!enabled->is_bool()) return "Property enabled has invalid value";
      version.enabled = enabled->get_bool();
    }
    const std::pair<std::string_view, std::optional<std::int64_t>*> times[] = {{"nbf", &version.nbf}, {"exp", &version.exp}};
    for (const auto& [name, target] : times) {
      const auto* value = member(in, name);
      if (value == nullptr || value->is_null()) continue;
      const auto number = int_member(in, name);
      if (!number) return "Property " + std::string(name) + " has invalid value";
      *target = number;
    }
  }
  return {};
}

HttpResponse get_secret(VaultCall& call, const std::string& name, const std::string& version) {
  if (auto refused = authorize(call, Right::get, name)) return *refused;
  const auto found = call.world.state.secrets.find(lower(name));
  if (found == call.world.state.secrets.end()) return not_found(name);
  const auto& versions = found->second.versions;
  const auto which = version.empty() ? std::prev(versions.end()) : std::ranges::find(versions, version, &SecretVersion::id);
  if (which == versions.end()) return not_found(name + '/' + version);
  if (!which->enabled)
    return vault_error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
  return json_answer(200, bundle_of(call, found->second, *which, true, true));
}

HttpResponse set_secret(VaultCall& call, const std::string& name) {
  World& world = call.world;
  if (auto refused = authorize(call, Right::set, name)) return *refused;
  if (call.request.body.empty()) return bad_parameter("Request body not specified");
  const auto body = parse_json_object(call.request.body);
  if (!body) return bad_parameter("Request body is not valid JSON");
  const auto* value = member(*body, "value");
  if (value == nullptr || !value->is_string()) return bad_parameter("Property  has invalid value\r\n");
  if (value->get_string().size() > kMaxValueBytes) return bad_parameter("The value of a secret must not exceed 25600 bytes");
  if (world.state.deleted_secrets.contains(lower(name))) {
    return vault_error(409, "Conflict",
                       "Secret " + name +
                           " is currently in a deleted but recoverable state, and its name cannot be reused; in "
                           "this state, the secret can only be recovered or purged.",
                       "ObjectIsDeletedButRecoverable");
  }
  SecretVersion version;
  if (const auto problem = take_properties(*body, version); !problem.empty()) return bad_parameter(problem);
  version.id = hex(world.random, 32);
  version.value = view(value->get_string());
  version.created = version.updated = world.clock.seconds();
  auto& secret = world.state.secrets[lower(name)];
  if (secret.name.empty()) secret.name = name;
  secret.versions.push_back(std::move(version));
  world.touch();
  return json_answer(200, bundle_of(call, secret, secret.versions.back(), true, true));
}

HttpResponse update_secret(VaultCall& call, const std::string& name, const std::string& version) {
  if (auto refused = authorize(call, Right::update, name)) return *refused;
  const auto found = call.world.state.secrets.find(lower(name));
  if (found == call.world.state.secrets.end()) return not_found(name);
  const auto which = std::ranges::find(found->second.versions, version, &SecretVersion::id);
  if (which == found->second.versions.end()) return not_found(name + '/' + version);
  const auto body = parse_json_object(call.request.body);
  if (!body) return bad_parameter(call.request.body.empty() ? "Request body not specified" : "Request body is not valid JSON");
  SecretVersion changed = *which;
  if (const auto problem = take_properties(*body, changed); !problem.empty()) return bad_parameter(problem);
  changed.updated = call.world.clock.seconds();
  *which = std::move(changed);
  call.world.touch();
  return json_answer(200, bundle_of(call, found->second, *which, false, true));
}

/// One page of a list whose entries are named; `more` begins with the first name not shown.
HttpResponse page_of(const VaultCall& call, const std::vector<std::pair<std::string, json::object>>& entries) {
  std::size_t size = 25;
  if (const auto asked = call.request.parameter("maxresults")) {
    const auto [end, error] = std::from_chars(asked->data(), asked->data() + asked->size(), size);
    if (error != std::errc{} || end != asked->data() + asked->size() || size < 1 || size > 25) {
      return bad_parameter("maxresults must be between 1 and 25");
    }
  }
  std::string from;
  if (const auto token = call.request.parameter("$skiptoken")) {
    const auto decoded = decode_base64(*token);
    const auto marker = decoded ? parse_json_object(*decoded) : std::nullopt;
    if (!marker || !string_member(*marker, "NextMarker")) return bad_parameter("The skip token is not valid");
    from = *string_member(*marker, "NextMarker");
  }
  json::array value;
  json::value next = nullptr;
  for (const auto& [name, entry] : entries) {
    if (name < from) continue;
    if (value.size() == size) {
      const json::object marker{{"NextMarker", name}};
      next = "https://" + call.request.host + ":443" + call.request.path +
             "?api-version=" + percent_encode(call.request.parameter("api-version").value_or("")) +
             "&$skiptoken=" + percent_encode(base64(json::serialize(marker))) + "&maxresults=" + std::to_string(size);
      break;
    }
    value.push_back(entry);
  }
  return json_answer(200, {{"value", std::move(value)}, {"nextLink", next}});
}

HttpResponse list_secrets(VaultCall& call) {
  if (auto refused = authorize(call, Right::metadata, {})) return *refused;
  std::vector<std::pair<std::string, json::object>> entries;
  entries.reserve(call.world.state.secrets.size());
  for (const auto& [key, secret] : call.world.state.secrets) {
    entries.emplace_back(key, bundle_of(call, secret, secret.versions.back(), false, false));
  }
  return page_of(call, entries);
}

HttpResponse list_versions(VaultCall& call, const std::string& name) {
  if (auto refused = authorize(call, Right::metadata, name)) return *refused;
  const auto found = call.world.state.secrets.find(lower(name));
  if (found == call.world.state.secrets.end()) return json_answer(200, {{"value", json::array{}}, {"nextLink", nullptr}});
  std::vector<std::pair<std::string, json::object>> entries;
  entries.reserve(found->second.versions.size());
  for (const auto& version : found->second.versions) {
    entries.emplace_back(version.id, bundle_of(call, found->second, version, false, true));
  }
  std::ranges::sort(entries, {}, [](const auto& entry) { return entry.first; });  // by id: the order is not promised
  return page_of(call, entries);
}

HttpResponse delete_secret(VaultCall& call, const std::string& name) {
  if (auto refused = authorize(call, Right::remove, name)) return *refused;
  auto node = call.world.state.secrets.extract(lower(name));
  if (node.empty()) return not_found(name);
  node.mapped().deleted = call.world.clock.seconds();
  const auto body = deleted_bundle_of(call, node.mapped(), true);
  call.world.state.deleted_secrets.insert(std::move(node));
  call.world.touch();
  return json_answer(200, body);
}

HttpResponse deleted_secrets(VaultCall& call, const std::vector<std::string>& parts) {
  World& world = call.world;
  const std::string& method = call.request.method;
  if (parts.size() == 1 && method == "GET") {
    if (auto refused = authorize(call, Right::metadata, {})) return *refused;
    std::vector<std::pair<std::string, json::object>> entries;
    entries.reserve(world.state.deleted_secrets.size());
    for (const auto& [key, secret] : world.state.deleted_secrets)
      entries.emplace_back(key, deleted_bundle_of(call, secret, false));
    return page_of(call, entries);
  }
  if (parts.size() < 2) return vault_error(405, "MethodNotAllowed", "The requested method is not allowed.");
  const std::string& name = parts[1];
  const bool recover = parts.size() == 3 && same_ignoring_case(parts[2], "recover") && method == "POST";
  const bool purge = parts.size() == 2 && method == "DELETE";
  const bool get = parts.size() == 2 && method == "GET";
  if (!recover && !purge && !get) return vault_error(405, "MethodNotAllowed", "The requested method is not allowed.");
  if (auto refused = authorize(call, recover ? Right::recover : purge ? Right::purge : Right::metadata, name)) return *refused;
  const auto found = world.state.deleted_secrets.find(lower(name));
  if (found == world.state.deleted_secrets.end())
    return vault_error(404, "SecretNotFound", "Deleted Secret not found: " + name);
  if (get) return json_answer(200, deleted_bundle_of(call, found->second, true));
  auto node = world.state.deleted_secrets.extract(found);
  world.touch();
  if (purge) {
    HttpResponse answer;
    answer.status = 204;
    return answer;
  }
  node.mapped().deleted = 0;
  const auto body = bundle_of(call, node.mapped(), node.mapped().versions.back(), false, true);
  world.state.secrets.insert(std::move(node));
  return json_answer(200, body);
}

bool is_secret_name(std::string_view name) {
  return !name.empty() && name.size() <= 127 && std::ranges::all_of(name, [](char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-';
  });
}

HttpResponse serve(VaultCall& call) {
  World& world = call.world;
  const std::string& method = call.request.method;
  const auto version = call.request.parameter("api-version");
  if (!version || version->empty()) return bad_parameter("api-version must be specified");
  if (std::ranges::find(kApiVersions, *version) == std::end(kApiVersions)) {
    return bad_parameter("The specified version (" + std::string(*version) +
                         ") is not recognized. Consider using the latest supported version (2025-07-01).");
  }
  auto& window = method == "GET" ? world.vault_reads : world.vault_writes;
  if (window.wait(world.clock.milliseconds()) > 0) {
    return vault_error(
        429, "Throttled",
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached");
  }
  window.count(world.clock.milliseconds());

  std::vector<std::string> parts;
  for (std::string_view rest = call.request.path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto slash = rest.find('/');
    if (slash != 0 && !rest.empty()) parts.emplace_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  }
  const std::string kind = parts.empty() ? "" : lower(parts[0]);
  if (kind == "deletedsecrets") return deleted_secrets(call, parts);
  if (kind != "secrets" || parts.size() > 3)
    return vault_error(404, "ResourceNotFound", "The requested resource was not found.");
  if (parts.size() == 1) {
    return method == "GET" ? list_secrets(call) : vault_error(405, "MethodNotAllowed", "The requested method is not allowed.");
  }
  const std::string& name = parts[1];
  if (!is_secret_name(name)) return bad_parameter("The request URI contains an invalid name: " + name);
  if (parts.size() == 2) {
    if (method == "GET") return get_secret(call, name, {});
    if (method == "PUT") return set_secret(call, name);
    if (method == "DELETE") return delete_secret(call, name);
  } else {
    if (method == "GET" && same_ignoring_case(parts[2], "versions")) return list_versions(call, name);
    if (method == "GET") return get_secret(call, name, parts[2]);
    if (method == "PATCH") return update_secret(call, name, parts[2]);
  }
  return vault_error(405, "MethodNotAllowed", "The requested method is not allowed.");
}

void add_headers(World& world, const VaultCall& call, HttpResponse& answer) {
  const auto add = [&](std::string name, std::string value) { answer.headers.emplace_back(std::move(name), std::move(value)); };
  add("Cache-Control", "no-cache");
  add("Pragma", "no-cache");
  add("Expires", "-1");
  add("x-ms-keyvault-region", "westeurope");
  const auto id = call.request.header("x-ms-client-request-id");
  add("x-ms-client-request-id", id.empty() ? world.random.guid() : std::string(id));
  add("x-ms-request-id", world.random.guid());
  add("x-ms-keyvault-service-version", "1.9.2000.1");
  add("x-ms-keyvault-network-info", "conn_type=Ipv4;addr=" + call.request.peer + ";act_addr_fam=InterNetwork;");
  if (world.state.vault_roles.contains(call.caller.oid)) {
    add("x-ms-keyvault-rbac-assignment-id", sha256_hex(call.caller.oid).substr(0, 32));
  }
  add("X-Content-Type-Options", "nosniff");
  add("Strict-Transport-Security", "max-age=31536000;includeSubDomains");
}

}  // namespace

HttpResponse key_vault(World& world, const HttpRequest& request, const SandboxCloud& cloud, std::string_view vault) {
  // A vault that does not exist has no name in DNS; that cannot be imitated here.
  if (vault != lower(world.options.vault_name)) {
    return vault_error(404, "VaultNotFound", "The sandbox has no vault named '" + std::string(vault) + "'.");
  }
  VaultCall call{world, request, cloud, std::string(vault), {}};
  auto refused = authenticate(world, request, cloud, call.caller);
  HttpResponse answer = refused ? std::move(*refused) : serve(call);
  add_headers(world, call, answer);
  return answer;
}

}  // namespace portalkey::sandbox
