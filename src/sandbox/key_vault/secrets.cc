// The secrets of one vault, alive and deleted, as the REST reference describes them.

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "sandbox/key_vault/call.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kMaxValueBytes = 25UL * 1024;

std::string recovery_level_of(const Vault& vault) {
  std::string level = vault.retention_days < 90 ? "CustomizedRecoverable" : "Recoverable";
  if (!vault.purge_protection) level += "+Purgeable";
  return level;
}

json::object attributes_of(const Vault& vault, const SecretVersion& version) {
  json::object out{{"enabled", version.enabled}};
  if (version.nbf) out["nbf"] = *version.nbf;
  if (version.exp) out["exp"] = *version.exp;
  out["created"] = version.created;
  out["updated"] = version.updated;
  out["recoveryLevel"] = recovery_level_of(vault);
  out["recoverableDays"] = vault.retention_days;
  return out;
}

bool is_secret_name(std::string_view name) {
  return !name.empty() && name.size() <= 127 && std::ranges::all_of(name, [](char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-';
  });
}

}  // namespace

json::object bundle_of(const VaultCall& call, const VaultSecret& secret, const SecretVersion& version, bool with_value,
                       bool with_version) {
  json::object out;
  if (with_value) out["value"] = version.value;
  if (version.content_type) out["contentType"] = *version.content_type;
  out["id"] = call.base() + "/secrets/" + secret.name + (with_version ? '/' + version.id : std::string());
  out["attributes"] = attributes_of(call.vault, version);
  if (version.has_tags) {
    json::object tags;
    for (const auto& [key, value] : version.tags) tags[key] = value;
    out["tags"] = std::move(tags);
  }
  return out;
}

HttpResponse secret_not_found(std::string_view name) {
  return vault_error(404, "SecretNotFound",
                     "A secret with (name/id) " + std::string(name) +
                         " was not found in this key vault. If you recently deleted this secret you may be able to recover it "
                         "using the correct recovery command. For help resolving this issue, please see "
                         "https://go.microsoft.com/fwlink/?linkid=2125182");
}

HttpResponse deleted_but_recoverable(std::string_view name) {
  return vault_error(409, "Conflict",
                     "Secret " + std::string(name) +
                         " is currently in a deleted but recoverable state, and its name cannot be reused; in this state, "
                         "the secret can only be recovered or purged.",
                     "ObjectIsDeletedButRecoverable");
}

namespace {

json::object deleted_bundle_of(const VaultCall& call, const VaultSecret& secret, bool with_version) {
  auto out = bundle_of(call, secret, secret.versions.back(), false, with_version);
  out["recoveryId"] = call.base() + "/deletedsecrets/" + secret.name;
  out["deletedDate"] = secret.deleted;
  out["scheduledPurgeDate"] = secret.deleted + call.vault.retention_days * 86400;
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
  const auto found = call.vault.secrets.find(lower(name));
  if (found == call.vault.secrets.end()) return secret_not_found(name);
  const auto& versions = found->second.versions;
  const auto which = version.empty() ? std::prev(versions.end()) : std::ranges::find(versions, version, &SecretVersion::id);
  if (which == versions.end()) return secret_not_found(name + '/' + version);
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
  if (call.vault.deleted_secrets.contains(lower(name))) {
    return deleted_but_recoverable(name);
  }
  SecretVersion version;
  if (const auto problem = take_properties(*body, version); !problem.empty()) return bad_parameter(problem);
  version.id = hex(world.random, 32);
  version.value = view(value->get_string());
  version.created = version.updated = world.clock.seconds();
  auto& secret = call.vault.secrets[lower(name)];
  if (secret.name.empty()) secret.name = name;
  secret.versions.push_back(std::move(version));
  world.touch();
  return json_answer(200, bundle_of(call, secret, secret.versions.back(), true, true));
}

/// `version` empty: the latest, which is what clients mean that have been given none.
HttpResponse update_secret(VaultCall& call, const std::string& name, const std::string& version) {
  if (auto refused = authorize(call, Right::update, name)) return *refused;
  const auto found = call.vault.secrets.find(lower(name));
  if (found == call.vault.secrets.end()) return secret_not_found(name);
  auto& versions = found->second.versions;
  const auto which = version.empty() ? std::prev(versions.end()) : std::ranges::find(versions, version, &SecretVersion::id);
  if (which == versions.end()) return secret_not_found(name + '/' + version);
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
  entries.reserve(call.vault.secrets.size());
  for (const auto& [key, secret] : call.vault.secrets) {
    entries.emplace_back(key, bundle_of(call, secret, secret.versions.back(), false, false));
  }
  return page_of(call, entries);
}

HttpResponse list_versions(VaultCall& call, const std::string& name) {
  if (auto refused = authorize(call, Right::metadata, name)) return *refused;
  const auto found = call.vault.secrets.find(lower(name));
  if (found == call.vault.secrets.end()) return json_answer(200, {{"value", json::array{}}, {"nextLink", nullptr}});
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
  auto node = call.vault.secrets.extract(lower(name));
  if (node.empty()) return secret_not_found(name);
  node.mapped().deleted = call.world.clock.seconds();
  const auto body = deleted_bundle_of(call, node.mapped(), true);
  call.vault.deleted_secrets.insert(std::move(node));
  call.world.touch();
  return json_answer(200, body);
}

}  // namespace

HttpResponse vault_deleted_secrets(VaultCall& call, const std::vector<std::string>& parts) {
  World& world = call.world;
  const std::string& method = call.request.method;
  if (parts.size() == 1 && method == "GET") {
    if (auto refused = authorize(call, Right::metadata, {})) return *refused;
    std::vector<std::pair<std::string, json::object>> entries;
    entries.reserve(call.vault.deleted_secrets.size());
    for (const auto& [key, secret] : call.vault.deleted_secrets)
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
  const auto found = call.vault.deleted_secrets.find(lower(name));
  if (found == call.vault.deleted_secrets.end()) return vault_error(404, "SecretNotFound", "Deleted Secret not found: " + name);
  if (get) return json_answer(200, deleted_bundle_of(call, found->second, true));
  if (purge && call.vault.purge_protection) {
    return vault_error(403, "Forbidden",
                       "Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault "
                       "service will automatically purge it after the retention period has passed.",
                       "PurgeProtectionEnabled");
  }
  auto node = call.vault.deleted_secrets.extract(found);
  world.touch();
  if (purge) {
    HttpResponse answer;
    answer.status = 204;
    return answer;
  }
  node.mapped().deleted = 0;
  const auto body = bundle_of(call, node.mapped(), node.mapped().versions.back(), false, true);
  call.vault.secrets.insert(std::move(node));
  return json_answer(200, body);
}

HttpResponse vault_secrets(VaultCall& call, const std::vector<std::string>& parts) {
  const std::string& method = call.request.method;
  if (parts.size() > 3) return vault_error(404, "ResourceNotFound", "The requested resource was not found.");
  if (parts.size() == 1) {
    return method == "GET" ? list_secrets(call) : vault_error(405, "MethodNotAllowed", "The requested method is not allowed.");
  }
  const std::string& name = parts[1];
  if (parts.size() == 2 && method == "POST" && same_ignoring_case(name, "restore")) return restore_secret(call);
  if (!is_secret_name(name)) return bad_parameter("The request URI contains an invalid name: " + name);
  if (parts.size() == 2) {
    if (method == "GET") return get_secret(call, name, {});
    if (method == "PUT") return set_secret(call, name);
    if (method == "PATCH") return update_secret(call, name, {});
    if (method == "DELETE") return delete_secret(call, name);
  } else {
    if (method == "POST" && same_ignoring_case(parts[2], "backup")) return backup_secret(call, name);
    if (method == "GET" && same_ignoring_case(parts[2], "versions")) return list_versions(call, name);
    if (method == "GET") return get_secret(call, name, parts[2]);
    if (method == "PATCH") return update_secret(call, name, parts[2]);
  }
  return vault_error(405, "MethodNotAllowed", "The requested method is not allowed.");
}

}  // namespace portalkey::sandbox
