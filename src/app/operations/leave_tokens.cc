#include "app/operations/leave_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/tenant/tenant_users.h"
#include "azure/authentication_methods.h"
#include "base/counted.h"
#include "base/remedy.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kAskingForMethods{5};

/// Through Graph a user's tokens that came by CSV are seen, and cannot be taken from here.
Result<void> warn_of_others(Tenant& tenant, const std::map<std::string, std::size_t>& taken) {
  if (tenant.profile().backend != Backend::graph) return {};
  const Azure azure{tenant.http(), tenant.azure(), tenant.clock(), tenant.profile().cloud, tenant.deadline(kAskingForMethods)};
  const Graph beta(azure, "beta");
  for (const auto& [user, count] : taken) {
    const auto methods = authentication_methods(beta, user);
    if (!methods && methods.error().code == Errc::cancelled) return std::unexpected(methods.error());
    if (!methods) continue;  // deleted, or not to be asked about: what can be taken is taken
    const auto all = static_cast<std::size_t>(std::ranges::count(*methods, "hardwareOath", &AuthenticationMethod::kind));
    if (all <= count) continue;
    tenant.interaction().warn(
        fmt::format("{} also has {} that came by CSV, which Microsoft Graph does not manage: [[leave-through|{}|portal]]", user,
                    all - count == 1 ? "a token" : counted(all - count, "token"), as_parameter(user)));
  }
  return {};
}

/// Whether there is such a user, who just has no tokens.
Result<bool> is_known(Tenant& tenant, const std::string& user) {
  auto taken = tenant.taken_away();
  if (!taken) return pass(taken);
  const auto account = account_of(user);
  if (std::ranges::any_of(*taken, [&](const auto& entry) { return account_of(entry.second.from) == account; })) return true;
  if (!user.contains('@')) return false;
  auto known = look_users_up(tenant, {account}, *tenant.interaction().progress());
  if (!known) return pass(known);
  return known->found && known->found->contains(account);
}

}  // namespace

Result<JobOutcome> leave_tokens(Tenant& tenant, const Leavers& leavers) {
  const auto directory = tenant.open_tokens();
  const auto change = leavers.remove || directory->inventory() == nullptr ? TokenChange::remove : TokenChange::unassign;
  NamedTokens named;
  named.user = leavers.user;
  named.list = leavers.list;
  named.columns = leavers.columns;
  named.all = true;
  Job job = new_job(tenant, "leave", leavers.list);
  auto tokens = named_tokens(tenant, *directory, change, named);
  std::map<std::string, std::size_t> taken;
  if (!tokens && tokens.error().code == Errc::not_found && leavers.list.empty()) {
    auto known = is_known(tenant, leavers.user);
    if (!known) return pass(known);
    if (!*known) return pass(tokens);
    taken.emplace(leavers.user, 0);
    tokens.emplace();
  }
  if (!tokens) return pass(tokens);
  for (const auto& token : *tokens) {
    if (token.outcome.state != TokenOutcome::State::rejected) ++taken[token.outcome.upn];
  }
  if (auto warned = warn_of_others(tenant, taken); !warned) return pass(warned);
  if (tokens->empty()) {
    JobOutcome nothing;
    nothing.job = std::move(job);
    nothing.job.state = Job::State::done;
    nothing.dry_run = leavers.terms.dry_run;
    return nothing;
  }
  return start_job(tenant, *directory, std::move(job), std::move(*tokens), leavers.terms);
}

}  // namespace portalkey
