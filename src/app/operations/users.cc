#include "app/operations/users.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "azure/directory_groups.h"
#include "base/ascii.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/assignment/assignment_list.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kReadingPeople{30};

Azure graph_of(Tenant& tenant) {
  return {tenant.http(), tenant.azure(), tenant.clock(), tenant.profile().cloud, tenant.deadline(kReadingPeople)};
}

Account account_from(const std::string& upn, const TenantUsers& known) {
  Account account{.upn = upn, .exists = {}, .enabled = {}, .guest = {}};
  if (!known.found) return account;
  const auto found = known.found->find(account_of(upn));
  account.exists = found != known.found->end();
  if (!*account.exists) return account;
  account.upn = found->second.upn;
  account.enabled = found->second.enabled;
  account.guest = found->second.guest;
  return account;
}

/// Hardware tokens and authenticator apps share the places.
bool takes_a_place(const AuthenticationMethod& method) {
  return method.kind == "hardwareOath" || method.kind == "softwareOath" || method.kind == "microsoftAuthenticator";
}

/// Not being let is told, not an error.
Result<void> read_methods(Tenant& tenant, UserDetails& user) {
  const Azure azure = graph_of(tenant);
  auto methods = authentication_methods(Graph(azure, "beta"), user.account.upn);
  if (methods) {
    user.methods = std::move(*methods);
    return {};
  }
  Error& error = methods.error();
  if (error.code == Errc::cancelled) return pass(methods);
  if (error.code == Errc::forbidden)
    error.remedy = "Grant the profile's credential UserAuthenticationMethod.Read.All, with an administrator's consent.";
  user.not_checked.push_back({"which other methods the user has registered", std::move(error.what), std::move(error.remedy)});
  return {};
}

/// The people of a group.
Result<std::vector<Account>> accounts_in_group(Tenant& tenant, const std::string& group) {
  if (auto cannot = why_graph_is_not_asked(tenant.profile())) return std::unexpected(std::move(*cannot));
  tenant.interaction().progress()->phase("reading who is in the group");
  const Azure azure = graph_of(tenant);
  auto users = users_in_group(Graph(azure), group);
  if (!users) return pass(users);
  std::vector<Account> accounts;
  for (auto& user : *users) accounts.push_back({std::move(user.upn), true, user.enabled, user.guest});
  return accounts;
}

/// The people of a file, each once.
Result<std::vector<Account>> accounts_in_file(Tenant& tenant, const std::string& file, ListedUsers& listed) {
  auto list = AssignmentList::read(file);
  if (!list) return pass(list);
  for (const auto& problem : list->problems())
    listed.warnings.push_back(fmt::format("{}, line {}: {}: {}", list->name(), problem.line, problem.field, problem.what));
  std::vector<std::string> upns;
  std::set<std::string> names;
  for (const auto& entry : list->entries()) {
    if (!entry.upn.empty() && names.insert(account_of(entry.upn)).second) upns.emplace_back(entry.upn);
  }
  auto known = look_users_up(tenant, names, *tenant.interaction().progress());
  if (!known) return pass(known);
  listed.not_checked = known->not_checked;
  std::vector<Account> accounts;
  for (const auto& upn : upns) accounts.push_back(account_from(upn, *known));
  return accounts;
}

}  // namespace

Result<UserDetails> show_user(Tenant& tenant, const std::string& user) {
  const auto directory = tenant.open_tokens();
  UserDetails details;
  details.account.upn = user;
  const bool by_upn = user.contains('@');
  auto read =
      directory->each({.upn = by_upn ? user : std::string(), .active = {}}, tenant.deadline(), [&](const TenantToken& token) {
        if (by_upn || same_ignoring_case(token.user_id, user)) details.tokens.push_back(shown(token));
      });
  if (!read) return pass(read);
  if (by_upn) {
    auto known = look_users_up(tenant, {account_of(user)}, *tenant.interaction().progress());
    if (!known) return pass(known);
    details.account = account_from(user, *known);
    details.not_checked = std::move(known->not_checked);
  }
  const bool absent = details.account.exists == false;
  if (details.tokens.empty() && (absent || !by_upn))
    return fail(Errc::not_found, fmt::format("the tenant has no user {}, and no token of theirs", user),
                "Check the UPN; [[list-tokens]] shows who has which token.");
  if (details.account.exists == true) {
    if (auto asked = read_methods(tenant, details); !asked) return pass(asked);
  }
  std::size_t taken = details.tokens.size();
  if (details.methods) taken = std::max<std::size_t>(taken, std::ranges::count_if(*details.methods, takes_a_place));
  details.free = absent || details.account.guest == true ? 0 : kTokensPerUser - std::min(taken, kTokensPerUser);
  return details;
}

Result<ListedUsers> list_users(Tenant& tenant, const UsersQuery& query) {
  ListedUsers listed;
  auto accounts = query.group.empty() ? accounts_in_file(tenant, query.file, listed) : accounts_in_group(tenant, query.group);
  if (!accounts) return pass(accounts);
  listed.asked = accounts->size();
  listed.graphs_only = tenant.profile().backend == Backend::graph;
  struct Count {
    std::size_t tokens = 0, active = 0;
  };
  std::unordered_map<std::string, Count> counts;  // by account
  tenant.interaction().progress()->phase("reading the tenant's tokens");
  auto read = tenant.open_tokens()->each({}, tenant.deadline(kReadingPeople), [&](const TenantToken& token) {
    auto& count = counts[account_of(token.upn)];
    ++count.tokens;
    count.active += token.active ? 1 : 0;
  });
  if (!read) return pass(read);
  for (auto& account : *accounts) {
    const Count its = counts[account_of(account.upn)];
    if (!query.without_token || its.tokens == 0) listed.users.push_back({std::move(account), its.tokens, its.active});
  }
  return listed;
}

}  // namespace portalkey
