// Backup and restore. The real blob is encrypted for one subscription and geography; this one is only opaque.

#include "base/base64.h"
#include "sandbox/key_vault/call.h"
#include "sandbox/world/arm_state_json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kMostVersions = 500;
constexpr std::string_view kMark = ")AzureKeyVaultSecretBackupV1.microsoft.com";

}  // namespace

HttpResponse backup_secret(VaultCall& call, const std::string& name) {
  if (auto refused = authorize(call, Right::backup, name)) return *refused;
  const auto found = call.vault.secrets.find(lower(name));
  if (found == call.vault.secrets.end()) return secret_not_found(name);
  if (found->second.versions.size() > kMostVersions) {
    return bad_parameter("Secret " + name + " has more than 500 versions and cannot be backed up.");
  }
  auto content = secret_json(found->second);
  content["subscription"] = call.world.state.subscription_id;
  return json_answer(200, {{"value", base64url(std::string(kMark) + json::serialize(content))}});
}

HttpResponse restore_secret(VaultCall& call) {
  if (auto refused = authorize(call, Right::restore, {})) return *refused;
  const auto body = parse_json_object(call.request.body);
  const auto blob = body ? string_member(*body, "value") : std::nullopt;
  const auto decoded = blob ? decode_base64url(*blob) : std::nullopt;
  const bool ours = decoded && decoded->starts_with(kMark);
  const auto content = ours ? parse_json_object(std::string_view(*decoded).substr(kMark.size())) : std::nullopt;
  if (!content) return bad_parameter("Backup blob contains invalid or corrupt data.");
  if (string_member(*content, "subscription") != call.world.state.subscription_id) {
    return bad_parameter("The backup was made in another subscription.");
  }
  auto secret = secret_from_json(*content);
  const std::string key = lower(secret.name);
  if (secret.versions.empty()) return bad_parameter("Backup blob contains invalid or corrupt data.");
  if (call.vault.deleted_secrets.contains(key)) return deleted_but_recoverable(secret.name);
  if (call.vault.secrets.contains(key)) {
    return vault_error(409, "Conflict", "Secret " + secret.name + " already exists in this vault and cannot be restored.");
  }
  const auto& stored = call.vault.secrets.emplace(key, std::move(secret)).first->second;
  call.world.touch();
  return json_answer(200, bundle_of(call, stored, stored.versions.back(), false, true));
}

}  // namespace portalkey::sandbox
