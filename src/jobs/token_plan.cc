#include "jobs/token_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "jobs/tenant_check.h"
#include "oath/csv/entra_fields.h"

namespace portalkey {

using Kind = PlannedChange::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::create: return "create";
    case Kind::assign: return "assign";
    case Kind::activate: return "activate";
    case Kind::reassign: return "reassign";
    case Kind::unassign: return "unassign";
    case Kind::remove: return "delete";
  }
  return "";
}

std::size_t TokenPlan::taking() const {
  return static_cast<std::size_t>(std::ranges::count_if(changes, &PlannedChange::takes));
}

TokenPlan plan_tokens(std::span<const TokenSeed> seeds, const std::vector<TenantToken>& tenant, TokenDirectory& directory,
                      bool prune) {
  TokenPlan plan;
  TenantCheck check;
  check.set(tenant);
  std::set<std::string> in_file;
  std::map<std::string, std::string> gets;  // by account: a new token
  const auto impossible = [&](const TokenSeed& seed, std::string what, std::string remedy) {
    TokenOutcome outcome;
    outcome.line = seed.line;
    outcome.serial = seed.serial;
    outcome.upn = seed.upn;
    outcome.state = TokenOutcome::State::rejected;
    outcome.reason = std::move(what);
    outcome.remedy = std::move(remedy);
    plan.impossible.push_back(std::move(outcome));
  };
  for (const auto& seed : seeds) {
    in_file.insert(seed.serial);
    if (auto why = directory.why_not(seed); !why.empty()) {
      impossible(seed, std::move(why), "See portalkey tokens validate FILE.");
      continue;
    }
    if (seed.upn.empty() && directory.inventory() == nullptr) {
      impossible(seed, "the file does not say who gets this token", "Add a column upn, or a list with --assign.");
      continue;
    }
    if (!seed.upn.empty()) {
      if (auto problem = problem_of_upn(seed.upn)) {
        impossible(seed, "upn: " + problem->what, std::move(problem->remedy));
        continue;
      }
      if (is_guest_upn(seed.upn)) {
        impossible(seed, std::string(kGuestsHaveNone), std::string(kGuestRemedy));
        continue;
      }
    }
    PlannedChange change;
    change.line = seed.line;
    change.serial = seed.serial;
    change.upn = seed.upn;
    const TenantToken* there = check.find(seed.serial);
    const bool same_user = there != nullptr && account_of(there->upn) == account_of(seed.upn);
    if (there == nullptr) {
      auto verdict = check.judge(seed.serial, seed.upn);
      if (verdict.state == TenantVerdict::State::too_many && !prune) {
        impossible(seed, std::move(verdict.what), std::move(verdict.remedy));
        continue;
      }
      change.kind = Kind::create;
    } else if ((there->nobodys() && seed.upn.empty()) || (!there->nobodys() && same_user && there->active)) {
      ++plan.unchanged;
      continue;
    } else if (there->nobodys()) {
      change.kind = Kind::assign;
    } else if (same_user) {
      change.kind = Kind::activate;
    } else {
      change.kind = seed.upn.empty() ? Kind::unassign : Kind::reassign;
      change.from = there->upn.empty() ? there->user_id : there->upn;
      if (!prune) {
        impossible(seed, fmt::format("the tenant has it assigned to {}", change.from),
                   "If the file is right, add --prune: only then are tokens taken from somebody.");
        continue;
      }
    }
    if (!seed.upn.empty()) gets.emplace(account_of(seed.upn), seed.serial);
    plan.changes.push_back(std::move(change));
  }
  if (!prune) return plan;
  for (const auto& token : tenant) {
    if (in_file.contains(token.serial)) continue;
    PlannedChange change;
    change.kind = Kind::remove;
    change.serial = token.serial;
    change.from = token.upn;
    if (const auto better = gets.find(account_of(token.upn)); !token.upn.empty() && better != gets.end())
      change.replaced_by = better->second;
    plan.changes.push_back(std::move(change));
  }
  return plan;
}

}  // namespace portalkey
