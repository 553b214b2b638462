#include "app/operations/assign_tokens.h"

#include <fmt/format.h>

#include "app/operations/job_rows.h"

namespace portalkey {
namespace {

Result<void> needs_inventory(TokenDirectory& directory, std::string_view what) {
  if (directory.inventory() != nullptr) return {};
  return fail(
      Errc::invalid_input, fmt::format("{} cannot {}: its tokens come and go with their users", directory.name(), what),
      "Use Microsoft Graph ([[setting|backend|graph]]); or remove the token and import it with [[setting|again]] for its "
      "new user.");
}

Result<std::vector<JobToken>> rows_of(const TokenAssignment& wanted) {
  std::vector<JobToken> tokens;
  if (wanted.list.empty()) {
    tokens.push_back(job_token(TokenChange::assign, wanted.serial, wanted.upn));
    return tokens;
  }
  auto list = AssignmentList::read(wanted.list, AssignmentList::Users::needed, wanted.columns);
  if (!list) return pass(list);
  if (list->in_order()) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "the list has no serial numbers",
                                 "Give it columns serial number and upn.",
                                 {{"list", wanted.list}}});
  }
  for (const auto& entry : list->entries()) {
    if (entry.other_line == 0)
      tokens.push_back(job_token(TokenChange::assign, std::string(entry.serial), std::string(entry.upn), entry.line));
  }
  for (auto problem : list->problems()) {
    problem.file.clear();
    tokens.push_back(refused_token(problem));
  }
  return tokens;
}

Result<JobOutcome> take(Tenant& tenant, TokenDirectory& directory, TokenChange change, std::string kind,
                        const TokensToTake& wanted) {
  auto tokens = named_tokens(tenant, directory, change, wanted.named);
  if (!tokens) return pass(tokens);
  return start_job(tenant, directory, new_job(tenant, std::move(kind), wanted.named.list), std::move(*tokens), wanted.terms);
}

}  // namespace

Result<JobOutcome> assign_tokens(Tenant& tenant, const TokenAssignment& wanted) {
  const auto directory = tenant.open_tokens();
  if (auto able = needs_inventory(*directory, "assign a token that is there"); !able) return pass(able);
  auto tokens = rows_of(wanted);
  if (!tokens) return pass(tokens);
  auto taken = tenant.taken_away();
  if (!taken) return pass(taken);
  const auto held = read_tenant(tenant, *directory);
  if (!held) return std::unexpected(held.error());
  for (auto& token : *tokens) {
    if (token.outcome.state == TokenOutcome::State::rejected) continue;
    if (find_named(token, *held, *taken, tenant.interaction()) != nullptr) continue;
    token.outcome.remedy = "Correct the serial number, or import it with its seed file: [[import|FILE]]";
  }
  return start_job(tenant, *directory, new_job(tenant, "assign", wanted.list), std::move(*tokens), wanted.terms);
}

Result<JobOutcome> unassign_tokens(Tenant& tenant, const TokensToTake& wanted) {
  const auto directory = tenant.open_tokens();
  if (auto able = needs_inventory(*directory, "unassign a token"); !able) return pass(able);
  return take(tenant, *directory, TokenChange::unassign, "unassign", wanted);
}

Result<JobOutcome> remove_tokens(Tenant& tenant, const TokensToTake& wanted) {
  return take(tenant, *tenant.open_tokens(), TokenChange::remove, "remove", wanted);
}

}  // namespace portalkey
