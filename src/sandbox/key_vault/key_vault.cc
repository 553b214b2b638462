// A vault's data plane: which vault, which version, which headers.

#include "sandbox/key_vault/key_vault.h"

#include <algorithm>
#include <utility>

#include "sandbox/key_vault/call.h"
#include "sandbox/wire/api_version.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kApiVersions[] = {"7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-06-01", "2025-07-01"};
constexpr std::string_view kNewest = "2025-07-01";

/// A preview (`7.6-preview.1`) is what it was a preview of; what is newer than the newest is served as that.
bool is_known(std::string_view version) {
  if (is_newer_version(version, kNewest)) return true;
  const auto release = version.substr(0, version.find("-preview"));
  return std::ranges::find(kApiVersions, release) != std::end(kApiVersions);
}

HttpResponse serve(VaultCall& call) {
  World& world = call.world;
  const std::string& method = call.request.method;
  const auto version = call.request.parameter("api-version");
  if (!version || version->empty()) return bad_parameter("api-version must be specified");
  if (!is_known(*version)) {
    return bad_parameter("The specified version (" + std::string(*version) +
                         ") is not recognized. Consider using the latest supported version (" + std::string(kNewest) + ").");
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
  if (kind == "secrets") return vault_secrets(call, parts);
  if (kind == "deletedsecrets") return vault_deleted_secrets(call, parts);
  return vault_error(404, "ResourceNotFound", "The requested resource was not found.");
}

void add_headers(const VaultCall& call, HttpResponse& answer) {
  World& world = call.world;
  const auto add = [&](std::string name, std::string value) { answer.headers.emplace_back(std::move(name), std::move(value)); };
  add("Cache-Control", "no-cache");
  add("Pragma", "no-cache");
  add("Expires", "-1");
  add("x-ms-keyvault-region", call.vault.location);
  const auto id = call.request.header("x-ms-client-request-id");
  add("x-ms-client-request-id", id.empty() ? world.random.guid() : std::string(id));
  add("x-ms-request-id", world.random.guid());
  add("x-ms-keyvault-service-version", "1.9.2000.1");
  add("x-ms-keyvault-network-info", "conn_type=Ipv4;addr=" + call.address() + ";act_addr_fam=InterNetwork;");
  if (!call.assignment.empty()) add("x-ms-keyvault-rbac-assignment-id", call.assignment);
  add("X-Content-Type-Options", "nosniff");
  add("Strict-Transport-Security", "max-age=31536000;includeSubDomains");
}

/// What lies deleted for as long as the vault keeps it is gone.
void forget_old(World& world, Vault& vault) {
  const std::int64_t limit = world.clock.seconds() - vault.retention_days * 86400;
  if (std::erase_if(vault.deleted_secrets, [&](const auto& item) { return item.second.deleted <= limit; }) > 0) world.touch();
}

}  // namespace

HttpResponse vault_error(int status, std::string_view code, std::string_view message, std::string_view inner) {
  json::object error{{"code", code}, {"message", message}};
  if (!inner.empty()) error["innererror"] = {{"code", inner}};
  return json_answer(status, {{"error", std::move(error)}});
}

HttpResponse bad_parameter(std::string_view message) { return vault_error(400, "BadParameter", message); }

HttpResponse key_vault(World& world, const HttpRequest& request, const SandboxCloud& cloud, std::string_view vault) {
  const auto found = world.state.azure.vaults.find(std::string(vault));
  // A vault that does not exist, or whose name is still being registered, has no name in DNS; that cannot be imitated here.
  if (found == world.state.azure.vaults.end() || found->second.polls_left > 0) {
    return vault_error(404, "VaultNotFound", "The sandbox has no vault named '" + std::string(vault) + "'.");
  }
  forget_old(world, found->second);
  VaultCall call{world, request, cloud, found->second, {}, {}};
  auto refused = authenticate(call);
  if (!refused) refused = admit(call);
  HttpResponse answer = refused ? std::move(*refused) : serve(call);
  add_headers(call, answer);
  return answer;
}

}  // namespace portalkey::sandbox
