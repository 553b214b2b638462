#include "app/operations/named_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/operations/job_rows.h"
#include "app/operations/start_job.h"
#include "base/ascii.h"

namespace portalkey {
namespace {

std::string owner(const TenantToken& token) {
  return token.nobodys() ? "nobody" : token.upn.empty() ? token.user_id : token.upn;
}

Result<std::vector<JobToken>> tokens_of_list(TokenChange change, const NamedTokens& named) {
  auto list = AssignmentList::read(named.list, AssignmentList::Users::optional, named.columns);
  if (!list) return pass(list);
  if (named.all && !list->in_order()) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "[[setting|all]] takes every token of a user, and the list names serial numbers",
                                 "Leave [[setting|all]] out, or give a list of UPNs only.",
                                 {{"list", named.list}}});
  }
  std::vector<JobToken> tokens;
  for (const auto& entry : list->entries()) {
    const bool of_users = list->in_order();
    if (entry.other_line != 0 || (of_users && entry.upn.empty())) continue;  // is among the problems
    const std::string upn(entry.upn.empty() ? std::string_view(named.user) : entry.upn);
    tokens.push_back(job_token(change, std::string(entry.serial), upn, entry.line));
  }
  for (auto problem : list->problems()) {
    problem.file.clear();
    tokens.push_back(refused_token(problem));
  }
  return tokens;
}

/// `anna` and `anna@old.example` are nearly `anna@contoso.com`.
std::string users_like(std::string_view user, const TenantCheck& held) {
  const auto name_of = [](std::string_view upn) { return upn.substr(0, upn.find('@')); };
  const std::string account = account_of(user);
  std::string text;
  for (const auto& upn : held.users()) {
    if (same_ignoring_case(name_of(upn), name_of(account)) || one_slip(account_of(upn), account))
      text += (text.empty() ? "" : ", ") + upn;
  }
  return text.empty() ? text : fmt::format("; it has tokens of {}", text);
}

/// One row for each token of the user. Several need `all`; none is a refused row.
std::vector<JobToken> tokens_of_user(TokenChange change, const std::string& user, std::int64_t line, bool all,
                                     const TenantCheck& held, const TakenTokens& taken) {
  const auto its = held.of_user(user);
  std::vector<JobToken> tokens;
  if (its.empty()) {
    std::string before;
    for (const auto& [serial, one] : taken) {
      if (account_of(one.from) == account_of(user)) before += fmt::format("; {} {}", one.serial, text_of(one));
    }
    tokens.push_back(refused_token(
        job_token(change, "", user, line), OutcomeCode::not_in_tenant,
        fmt::format("the tenant has no token of {}{}{}", user, before, before.empty() ? users_like(user, held) : ""),
        "Check the UPN; [[list-tokens]] shows who has which token."));
  } else if (its.size() > 1 && !all) {
    tokens.push_back(refused_token(job_token(change, "", user, line), OutcomeCode::unusable_row, held.holdings(user),
                                   "Name the serial numbers, or take them all with [[setting|all]]."));
  } else {
    for (const auto& token : its) tokens.push_back(job_token(change, token->serial, user, line));
  }
  return tokens;
}

/// Refuses what is not there or somebody else's.
void place(JobToken& token, const TenantCheck& held, const TakenTokens& taken, Interaction& interaction) {
  const std::string wanted = token.outcome.upn;
  const auto found = find_named(token, held, taken, interaction);
  if (found == nullptr) return;
  token.outcome.upn = found->upn;
  token.from = found->upn.empty() ? found->user_id : found->upn;
  const bool somebody_elses =
      !wanted.empty() && account_of(found->upn) != account_of(wanted) && !same_ignoring_case(found->user_id, wanted);
  if (somebody_elses) {
    token =
        refused_token(std::move(token), OutcomeCode::assigned_to_other,
                      fmt::format("the token is assigned to {}, not to {}; {}", owner(*found), wanted, held.holdings(wanted)),
                      "Check who has the device.");
  }
}

}  // namespace

std::shared_ptr<const TenantToken> find_named(JobToken& token, const TenantCheck& held, const TakenTokens& taken,
                                              Interaction& interaction) {
  const auto match = held.match(token.outcome.serial);
  if (match.serial.empty()) {
    const auto gone = taken.find(lower(token.outcome.serial));
    const std::string before = gone == taken.end() ? std::string() : "; it " + text_of(gone->second);
    token = refused_token(std::move(token), OutcomeCode::not_in_tenant,
                          fmt::format("the tenant has no token with this serial number{}{}", before, nearly_text(match)),
                          match.nearly.empty() ? "See [[list-tokens]]." : "Check the serial number: [[list-tokens]]");
    return nullptr;
  }
  if (match.serial != token.outcome.serial) {
    interaction.warn(fmt::format("{} is taken for {}, as the tenant writes it", token.outcome.serial, match.serial));
    token.outcome.serial = match.serial;
  }
  return held.find(match.serial);
}

Result<std::vector<JobToken>> named_tokens(Tenant& tenant, TokenDirectory& directory, TokenChange change,
                                           const NamedTokens& named) {
  std::vector<JobToken> listed;
  if (!named.list.empty()) {
    auto read = tokens_of_list(change, named);
    if (!read) return read;
    listed = std::move(*read);
  }
  for (const auto& serial : named.serials) listed.push_back(job_token(change, serial, named.user));
  auto taken = tenant.taken_away();
  if (!taken) return pass(taken);
  const auto read = read_tenant(tenant, directory);
  if (!read) return std::unexpected(read.error());
  const TenantCheck& held = *read;
  Interaction& interaction = tenant.interaction();

  if (named.serials.empty() && named.list.empty()) {
    auto tokens = tokens_of_user(change, named.user, 0, named.all, held, *taken);
    auto& only = tokens.front().outcome;
    if (only.state == TokenOutcome::State::rejected)
      return fail(held.of_user(named.user).empty() ? Errc::not_found : Errc::invalid_input, std::move(only.reason),
                  std::move(only.remedy));
    for (auto& token : tokens) place(token, held, *taken, interaction);
    return tokens;
  }
  std::vector<JobToken> tokens;
  std::set<std::string> seen;
  const auto add = [&](JobToken token) {
    const bool usable = token.outcome.state != TokenOutcome::State::rejected;
    if (usable) place(token, held, *taken, interaction);
    const bool refused = token.outcome.state == TokenOutcome::State::rejected;
    if (refused || seen.insert(token.outcome.serial).second) tokens.push_back(std::move(token));
  };
  for (auto& token : listed) {
    const bool by_user = token.outcome.serial.empty() && token.outcome.state != TokenOutcome::State::rejected;
    if (!by_user) {
      add(std::move(token));
      continue;
    }
    for (auto& one : tokens_of_user(change, token.outcome.upn, token.outcome.line, named.all, held, *taken))
      add(std::move(one));
  }
  return tokens;
}

}  // namespace portalkey
