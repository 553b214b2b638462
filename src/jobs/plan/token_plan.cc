#include "jobs/plan/token_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/ascii.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {

using Kind = TokenChange;

std::size_t TokenPlan::taking() const {
  return static_cast<std::size_t>(std::ranges::count_if(changes, takes, &PlannedChange::change));
}

namespace {

using Places = std::vector<std::size_t>;

/// Where a serial number stands, by itself in small letters. Readers of seed files have compared rows with keys already.
std::unordered_map<std::string, Places> rows_of_serials(std::span<const TokenSeed> seeds) {
  std::unordered_map<std::string, Places> places;
  for (std::size_t i = 0; i < seeds.size(); ++i) places[lower(seeds[i].serial)].push_back(i);
  return places;
}

bool are_of_one_user(std::span<const TokenSeed> seeds, const Places& places) {
  const bool keyless = std::ranges::any_of(places, [&](std::size_t i) { return seeds[i].base32.empty(); });
  const std::string account = account_of(seeds[places.front()].upn);
  return !keyless || std::ranges::all_of(places, [&](std::size_t i) { return account_of(seeds[i].upn) == account; });
}

std::string lines_of(std::span<const TokenSeed> seeds, const Places& places) {
  std::string text;
  for (std::size_t k = 0; k < places.size(); ++k) {
    text += k == 0 ? "" : k + 1 == places.size() ? " and " : ", ";
    text += std::to_string(seeds[places[k]].line);
  }
  return text;
}

}  // namespace

TokenPlan plan_tokens(std::span<const TokenSeed> seeds, const std::vector<TenantToken>& tenant, TokenDirectory& directory,
                      const PlanRules& rules) {
  TokenPlan plan;
  TenantCheck check;
  check.set(tenant);
  std::set<std::string> in_file;
  std::set<std::string> meant;              // tokens of the tenant that a row without a key may mean: they are not pruned
  std::map<std::string, std::string> gets;  // by account: a new token
  const auto places = rows_of_serials(seeds);
  const auto impossible = [&](const TokenSeed& seed, OutcomeCode code, std::string what, std::string remedy) {
    TokenOutcome outcome;
    outcome.line = seed.line;
    outcome.serial = seed.serial;
    outcome.upn = seed.upn;
    outcome.state = TokenOutcome::State::rejected;
    outcome.code = code;
    outcome.reason = std::move(what);
    outcome.remedy = std::move(remedy);
    plan.impossible.push_back(std::move(outcome));
  };
  for (const auto& seed : seeds) {
    const bool with_key = !seed.base32.empty();
    std::string serial = seed.serial;
    auto there = check.find(serial);
    if (!with_key && there == nullptr) {
      const auto match = check.match(serial);
      if (match.serial.empty()) {
        meant.insert(match.nearly.begin(), match.nearly.end());
        impossible(seed, OutcomeCode::not_in_tenant,
                   fmt::format("the tenant has no token with this serial number{}, and the file does not have its secret key",
                               nearly_text(match)),
                   "Correct the serial number; or import the token with the vendor's seed file ([[import]]).");
        continue;
      }
      serial = match.serial;
      there = check.find(serial);
    }
    in_file.insert(serial);
    if (const auto& same = places.at(lower(seed.serial)); same.size() > 1 && !are_of_one_user(seeds, same)) {
      impossible(seed, OutcomeCode::unusable_row,
                 fmt::format("lines {} give this token to different users", lines_of(seeds, same)),
                 "Find out who has the device, and remove the other row.");
      continue;
    } else if (same.size() > 1 && !with_key && &seeds[same.front()] != &seed) {
      continue;  // it says again what another row says
    }
    if (auto rejection = why_rejected(seed, with_key, directory.backend(), rules.members)) {
      impossible(seed, rejection->code, std::move(rejection->reason), std::move(rejection->remedy));
      continue;
    }
    PlannedChange change;
    change.line = seed.line;
    change.serial = serial;
    change.upn = seed.upn;
    change.with_key = with_key;
    if (const auto taken = rules.not_again.find(lower(serial));
        taken != rules.not_again.end() && (there == nullptr || (there->nobodys() && !seed.upn.empty()))) {
      impossible(seed, OutcomeCode::taken_away, text_of(taken->second), std::string(kTakenRemedy));
      continue;
    }
    const bool same_user = there != nullptr && account_of(there->upn) == account_of(seed.upn);
    if (there == nullptr) {
      auto verdict = check.judge(seed.serial, seed.upn);
      if (verdict.state == TenantVerdict::State::too_many && !rules.prune) {
        impossible(seed, OutcomeCode::too_many_tokens, std::move(verdict.what), std::move(verdict.remedy));
        continue;
      }
      change.change = Kind::create;
    } else if ((there->nobodys() && seed.upn.empty()) || (!there->nobodys() && same_user && (there->active || !with_key))) {
      TokenOutcome outcome;
      outcome.line = seed.line;
      outcome.serial = serial;
      outcome.upn = seed.upn;
      outcome.state =
          seed.upn.empty() || !there->active ? TokenOutcome::State::already_uploaded : TokenOutcome::State::already_active;
      if (!seed.upn.empty() && !there->active) {
        outcome.reason = "is this user's already, and not activated: that needs its secret key, or a code from the device";
        outcome.remedy = "With its seed file: [[activate|FILE]].";
      }
      plan.unchanged.push_back(std::move(outcome));
      continue;
    } else if (!with_key && !seed.upn.empty() && directory.inventory() == nullptr) {
      impossible(
          seed, OutcomeCode::assigned_to_other,
          fmt::format("the tenant has it assigned to {}, and {} gives a token to another user only by putting it in anew, "
                      "which needs its secret key",
                      owner_of(*there), directory.name()),
          "Remove it ([[remove]]), and import it for its new user with the vendor's seed file and [[setting|again]].");
      continue;
    } else if (there->nobodys()) {
      change.change = Kind::assign;
    } else if (same_user) {
      change.change = Kind::activate;
    } else {
      change.change = seed.upn.empty() ? Kind::unassign : Kind::reassign;
      change.from = there->upn.empty() ? there->user_id : there->upn;
      if (!rules.prune) {
        impossible(seed, OutcomeCode::assigned_to_other, fmt::format("the tenant has it assigned to {}", change.from),
                   "If the file is right, add [[setting|prune]]: only then are tokens taken from somebody.");
        continue;
      }
    }
    if (!seed.upn.empty()) gets.emplace(account_of(seed.upn), seed.serial);
    plan.changes.push_back(std::move(change));
  }
  if (!rules.prune) return plan;
  for (const auto& token : tenant) {
    if (in_file.contains(token.serial) || meant.contains(token.serial)) continue;
    PlannedChange change;
    change.change = Kind::remove;
    change.serial = token.serial;
    change.from = token.upn;
    if (const auto better = gets.find(account_of(token.upn)); !token.upn.empty() && better != gets.end())
      change.replaced_by = better->second;
    plan.changes.push_back(std::move(change));
  }
  return plan;
}

std::vector<JobToken> job_tokens(const TokenPlan& plan, std::vector<TokenSeed>& seeds) {
  std::unordered_map<std::string, TokenSeed*> by_serial;
  for (auto& seed : seeds) by_serial.emplace(seed.serial, &seed);
  std::vector<JobToken> tokens;
  for (const auto& change : plan.changes) {
    JobToken token;
    token.change = change.change;
    token.from = change.from;
    token.replaced_by = change.replaced_by;
    token.outcome.state = TokenOutcome::State::not_done;
    token.outcome.line = change.line;
    token.outcome.serial = change.serial;
    token.outcome.upn = change.upn.empty() ? change.from : change.upn;
    if (change.change != Kind::unassign && change.change != Kind::remove) {
      // One without a key is as `tokens assign` has it.
      if (const auto seed = by_serial.find(change.serial); change.with_key && seed != by_serial.end())
        token.seed = std::move(*seed->second);
    }
    tokens.push_back(std::move(token));
  }
  for (const auto* rows : {&plan.unchanged, &plan.impossible}) {
    for (const auto& row : *rows) {
      JobToken token;
      token.outcome = row;
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

TokenPlan plan_of(const std::vector<JobToken>& tokens) {
  TokenPlan plan;
  for (const auto& [seed, outcome, change, from, replaced_by] : tokens) {
    if (outcome.state == TokenOutcome::State::rejected) {
      plan.impossible.push_back(outcome);
    } else if (outcome.state != TokenOutcome::State::not_done) {
      plan.unchanged.push_back(outcome);
    } else {
      const bool goes = change == Kind::unassign || change == Kind::remove || change == Kind::move_out;
      plan.changes.push_back(
          {change, outcome.line, outcome.serial, goes ? std::string() : outcome.upn, from, replaced_by, !seed.base32.empty()});
    }
  }
  return plan;
}

std::string changed_since(const std::vector<JobToken>& planned, const std::vector<TenantToken>& tenant) {
  TenantCheck check;
  check.set(tenant);
  for (const auto& [seed, outcome, change, from, replaced_by] : planned) {
    if (outcome.state != TokenOutcome::State::not_done) continue;  // unchanged, or impossible
    const auto token = check.find(outcome.serial);
    const auto of = [&](const std::string& user) {
      return token != nullptr && !token->nobodys() && (account_of(token->upn) == account_of(user) || token->user_id == user);
    };
    const bool nobodys = token != nullptr && token->nobodys();
    const bool same = change == Kind::create     ? token == nullptr
                      : change == Kind::assign   ? nobodys
                      : change == Kind::activate ? of(outcome.upn) && !token->active
                      : from.empty()             ? nobodys
                                                 : of(from);
    if (same) continue;
    return fmt::format("the plan was to {} {}, but it {}", name_of(change), outcome.serial,
                       token == nullptr     ? std::string("is not in the tenant any more")
                       : nobodys            ? std::string("is nobody's now")
                       : token->upn.empty() ? fmt::format("is of {} now", token->user_id)
                                            : fmt::format("is of {} now{}", token->upn, token->active ? ", active" : ""));
  }
  return {};
}

}  // namespace portalkey
