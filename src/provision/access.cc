#include "provision/access.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/time_text.h"
#include "entra/oauth/aadsts.h"
#include "provision/patience.h"
#include "vault/key_vault.h"

namespace portalkey {
namespace {

/// Unknown app, unknown secret, unknown key, no service principal, no federated credential: all true of what was just made.
constexpr std::array<std::int64_t, 6> kNotReplicated = {70021, 700016, 700027, 700213, 7000215, 7000229};

bool has_code(const Error& error, std::string_view code) {
  return std::ranges::any_of(error.context, [&](const auto& pair) { return pair.first == "code" && pair.second == code; });
}

/// How long this refusal may be the replication's; zero: it is real.
std::chrono::seconds patience_for(const Error& error) {
  const auto code = find_aadsts(error.what);
  if (std::ranges::find(kNotReplicated, code) != kNotReplicated.end()) return std::chrono::minutes(2);
  if (error.code == Errc::forbidden && !has_code(error, "ForbiddenByFirewall") && !has_code(error, "ForbiddenByConnection")) {
    return std::chrono::minutes(10);
  }
  if (error.code == Errc::unavailable || has_code(error, "VaultNotFound")) return std::chrono::minutes(2);
  return std::chrono::seconds(0);
}

}  // namespace

Result<void> wait_for_access(const Azure& azure, Credential& app, const std::string& vault_url, const std::string& secret_name,
                             const std::function<void(std::string_view)>& say) {
  const auto store = make_key_vault(
      {.url = Url(vault_url), .recover_deleted = false}, azure.http,
      [&](const Deadline& deadline) { return app.access_token(azure.cloud.vault_resource(), deadline); }, azure.clock);
  const auto began = azure.clock.steady_now();
  std::optional<Error> last;
  std::chrono::seconds told{-30};
  auto open = wait_until(azure, std::chrono::minutes(10), [&]() -> Result<bool> {
    auto got = store->get(secret_name, azure.deadline);
    if (got || got.error().code == Errc::not_found || has_code(got.error(), "SecretDisabled")) return true;
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(azure.clock.steady_now() - began);
    if (waited >= patience_for(got.error())) return std::unexpected(std::move(got).error());
    if (waited >= told + std::chrono::seconds(30)) {
      told = waited;
      say("waiting until the vault lets the app in (up to 10 minutes; " + about(waited) + " so far): " + got.error().what);
    }
    last = std::move(got).error();
    return false;
  });
  if (!open) return pass(open);
  if (!*open) return std::unexpected(std::move(*last));
  return {};
}

}  // namespace portalkey
