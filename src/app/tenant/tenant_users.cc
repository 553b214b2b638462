#include "app/tenant/tenant_users.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/counted.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kLookingUsersUp{30};

/// Looking for a credential that nobody has set up could end at a person who is asked to sign in.
bool has_credential(const Profile& profile) {
  const auto& credential = profile.credential;
  return profile.vault.type == VaultProfile::Type::key_vault || credential.type != CredentialType::automatic ||
         !credential.client_secret_file.empty() || !credential.client_certificate_file.empty() ||
         !credential.federated_token_file.empty();
}

}  // namespace

std::optional<Error> why_graph_is_not_asked(const Profile& profile) {
  if (profile.cloud.graph.empty())
    return Error{Errc::not_found, "the profile's cloud names no host of Microsoft Graph", "Set graph in its table.", {}};
  if (has_credential(profile)) return std::nullopt;
  return Error{Errc::not_found,
               "the profile has no credential for Microsoft Graph",
               "Give it a table credential of an application with the permission User.Read.All, or add [[setting|credential]] "
               "(azure_cli, device_code ...).",
               {}};
}

Result<TenantUsers> look_users_up(Tenant& tenant, const std::set<std::string>& accounts, Progress& progress) {
  TenantUsers out;
  const auto not_checked = [&](Error error) -> Result<TenantUsers> {
    if (error.code == Errc::cancelled) return std::unexpected(std::move(error));
    out.not_checked.push_back(
        {"whether the users exist, are disabled or guests", std::move(error.what), std::move(error.remedy)});
    return std::move(out);
  };
  if (auto cannot = why_graph_is_not_asked(tenant.profile())) return not_checked(std::move(*cannot));
  progress.phase(fmt::format("looking {} up", counted(accounts.size(), "user")));
  const Azure azure{tenant.http(), tenant.azure(), tenant.clock(), tenant.profile().cloud, tenant.deadline(kLookingUsersUp)};
  auto found = find_users(Graph(azure), {accounts.begin(), accounts.end()},
                          [&](std::size_t done) { progress.step(done, accounts.size(), std::chrono::seconds(0)); });
  if (!found && found.error().code == Errc::forbidden) {
    return not_checked({Errc::forbidden,
                        fmt::format("{} may not read users in Microsoft Graph", tenant.azure().description()),
                        "Grant it the permission User.Read.All with an administrator's consent.",
                        {}});
  }
  if (!found) return not_checked(std::move(found).error());
  const auto hidden = std::ranges::count_if(*found, [](const auto& entry) { return !entry.second.enabled; });
  const auto of_no_type = std::ranges::count_if(*found, [](const auto& entry) { return !entry.second.guest; });
  constexpr const char* kBasicOnly = "Grant User.Read.All; User.ReadBasic.All is not enough.";
  if (hidden != 0) {
    out.not_checked.push_back(
        {"whether users are disabled", fmt::format("Graph does not show it of {}", counted(hidden, "user")), kBasicOnly});
  }
  if (of_no_type != 0) {
    out.not_checked.push_back(
        {"whether users are guests", fmt::format("Graph does not show it of {}", counted(of_no_type, "user")), kBasicOnly});
  }
  out.found = std::move(*found);
  return out;
}

Result<std::set<std::string>> external_members(Tenant& tenant, const std::vector<std::string>& upns, Progress& progress) {
  std::set<std::string> accounts, members;
  for (const auto& upn : upns) {
    if (is_guest_upn(upn)) accounts.insert(account_of(upn));
  }
  if (accounts.empty()) return members;
  const auto users = look_users_up(tenant, accounts, progress);
  if (!users) return std::unexpected(users.error());
  if (!users->found) return members;
  for (const auto& [account, user] : *users->found) {
    if (user.guest == false) members.insert(account);
  }
  return members;
}

}  // namespace portalkey
