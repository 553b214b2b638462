#include "app/operations/undo_job.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "app/operations/job_rows.h"
#include "base/remedy.h"

namespace portalkey {
namespace {

using Became = TokenOutcome::State;
using Did = TokenOutcome::Did;

struct Refusal {
  OutcomeCode code;
  std::string why, remedy;
};

/// Of what the journal does not know this job to have put in or given: why it stays as it is; nullopt: the job did nothing to
/// it.
std::optional<Refusal> not_undone(const JobToken& done) {
  switch (done.outcome.state) {
    case Became::removed:
      return Refusal{OutcomeCode::kept,
                     done.change == TokenChange::move_out ? "it left the portal: it is Microsoft Graph's now"
                                                          : "it was removed, and its secret key is not kept",
                     done.change == TokenChange::move_out
                         ? std::string()
                         : "Put it in again with its seed file: [[import|FILE]] [[setting|again]]"};
    case Became::unassigned:
      return Refusal{
          OutcomeCode::kept, fmt::format("it was taken from {}, and must be activated anew", done.outcome.upn),
          fmt::format("Give it back: [[assign-to|{}|{}]]", as_parameter(done.outcome.serial), as_parameter(done.outcome.upn))};
    case Became::active:
    case Became::uploaded:
    case Became::assigned:
      return Refusal{
          OutcomeCode::kept,
          "the journal does not know that this job put it in or gave it to somebody; an activation is not taken back",
          fmt::format("If it is to go: [[remove|{}]]", as_parameter(done.outcome.serial))};
    default: return std::nullopt;
  }
}

/// How the token is another one than the job left; nullopt: it is as it was.
std::optional<Refusal> changed_since(const JobToken& done, const TenantToken& now) {
  const std::string& user = done.outcome.upn;
  const bool same = user.empty() ? now.nobodys() : now.nobodys() || account_of(now.upn) == account_of(user);
  if (same) return std::nullopt;
  return Refusal{OutcomeCode::assigned_to_other,
                 fmt::format("it is assigned to {} now, and was {} when the job was done", owner_of(now),
                             user.empty() ? "nobody's" : user + "'s"),
                 "Check who has the device."};
}

/// What undoing comes to for one token; nullopt: there is nothing to undo.
std::optional<JobToken> undoing(const JobToken& done, const TenantCheck& held, const std::set<std::string>& moved) {
  const auto& outcome = done.outcome;
  auto row = job_token(TokenChange::remove, outcome.serial, outcome.upn, outcome.line);
  const auto refuse = [&](Refusal why) {
    return refused_token(std::move(row), why.code, std::move(why.why), std::move(why.remedy));
  };
  if (outcome.did == Did::nothing) {
    auto why = not_undone(done);
    return why ? std::optional(refuse(std::move(*why))) : std::nullopt;
  }
  const auto now = held.find(outcome.serial);
  if (now == nullptr) return std::nullopt;  // somebody has removed it since
  if (moved.contains(outcome.serial))
    return refuse({OutcomeCode::kept, "it was moved here, and the portal does not have it any more", ""});
  if (auto why = changed_since(done, *now)) return refuse(std::move(*why));
  if (outcome.did == Did::gave) {
    if (now->nobodys()) return std::nullopt;
    row.change = TokenChange::unassign;
  }
  row.from = now->upn;
  return row;
}

}  // namespace

Result<JobOutcome> undo_job(Tenant& tenant, JobStore& store, const std::string& id, const JobTerms& terms) {
  auto loaded = load_runnable_job(tenant, store, id, Cancelled::as_well);
  if (!loaded) return pass(loaded);
  const Job& job = loaded->job;
  if (job.state == Job::State::planned)
    return fail(Errc::invalid_input, fmt::format("{} is a saved plan: nothing of it was done", job.id),
                fmt::format("It goes with: [[forget-job|{}]]", job.id));
  if (job.state == Job::State::open)
    return fail(Errc::invalid_input, fmt::format("the job {} is not at its end, and could go on", job.id),
                fmt::format("Give it up first: [[cancel-job|{}]]; or let it finish: [[resume-job|{}]]", job.id, job.id));
  const bool moves = job.kind == kMoveKind;
  const auto directory = moves ? tenant.open_tokens_that_move() : tenant.open_tokens();
  const auto held = read_tenant(tenant, *directory);
  if (!held) return std::unexpected(held.error());
  std::set<std::string> moved;
  for (const auto& token : loaded->tokens) {
    if (token.change == TokenChange::move_out && token.outcome.state == Became::removed) moved.insert(token.outcome.serial);
  }
  std::vector<JobToken> rows;
  for (const auto& token : loaded->tokens) {
    auto row = undoing(token, *held, moved);
    if (row) rows.push_back(std::move(*row));
  }
  if (rows.empty())
    return fail(Errc::not_found, fmt::format("nothing that the job {} did is left to undo", job.id),
                fmt::format("What became of its tokens: [[show-job|{}]]", job.id));
  Job undo = new_job(tenant, "undo", job.id);
  undo.backend = job.backend;
  return start_job(tenant, *directory, std::move(undo), std::move(rows), terms);
}

}  // namespace portalkey
