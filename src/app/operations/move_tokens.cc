#include "app/operations/move_tokens.h"

#include <fmt/format.h>

#include <set>

#include "app/operations/job_rows.h"
#include "base/remedy.h"
#include "jobs/run/two_worlds.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kReadingBoth{30};

JobToken refused(JobToken token, OutcomeCode code, std::string why, std::string remedy) {
  return refused_token(std::move(token), code, std::move(why), std::move(remedy));
}

/// What is in Graph already is only brought to where it was to go.
JobToken row_in_graph(TokenSeed seed, const TenantToken* here) {
  if (here == nullptr) return job_token(TokenChange::create, std::move(seed));
  if (!here->active) return job_token(here->nobodys() ? TokenChange::assign : TokenChange::activate, std::move(seed));
  auto row = job_token(TokenChange::create, seed.serial, here->upn, seed.line);
  row.outcome.state = TokenOutcome::State::already_active;
  return row;
}

/// The rows of one token: it comes, and it goes.
std::vector<JobToken> rows_of(TokenSeed seed, const TwoWorlds& worlds, const TokenDirectory& graph, Interaction& interaction) {
  std::vector<JobToken> rows;
  const auto match = worlds.there().match(seed.serial);
  const auto there = match.serial.empty() ? nullptr : worlds.there().find(match.serial);
  auto here = worlds.here().find(there == nullptr ? seed.serial : match.serial);
  const auto refuse = [&](OutcomeCode code, std::string why, std::string remedy) {
    auto serial = seed.serial;
    auto upn = there == nullptr ? seed.upn : there->upn;
    rows.push_back(refused(job_token(TokenChange::create, std::move(serial), std::move(upn), seed.line), code, std::move(why),
                           std::move(remedy)));
    return std::move(rows);
  };
  if (there == nullptr) {
    if (here != nullptr && here->active) {
      rows.push_back(row_in_graph(std::move(seed), here.get()));
      rows.back().outcome.reason = "is Microsoft Graph's already, and no longer in the portal";
      return rows;
    }
    return refuse(OutcomeCode::not_in_tenant, "the portal has no token with this serial number" + nearly_text(match),
                  "Check the serial number: [[list-tokens]]; a new token is imported: [[import|FILE]]");
  }
  if (match.serial != seed.serial) {
    interaction.warn(fmt::format("{} is taken for {}, as the portal writes it", seed.serial, match.serial));
    seed.serial = match.serial;
  }
  if (worlds.ambiguous_there(match.serial)) {
    return refuse(OutcomeCode::unusable_row, "the portal lists several tokens with this serial number",
                  "Which of them came by CSV is not known: remove the one that is not needed in the portal.");
  }
  if (there->upn.empty())
    return refuse(OutcomeCode::no_user, fmt::format("its user {} is no longer in the tenant", owner_of(*there)),
                  fmt::format("Remove it: [[remove-through|{}|portal]]", as_parameter(match.serial)));
  if (!seed.upn.empty() && account_of(seed.upn) != account_of(there->upn))
    return refuse(
        OutcomeCode::assigned_to_other,
        fmt::format("the file gives the token to {}, and the portal has it assigned to {}", seed.upn, owner_of(*there)),
        "Check who has the device.");
  if (here != nullptr && !here->nobodys() && account_of(here->upn) != account_of(there->upn))
    return refuse(OutcomeCode::assigned_to_other,
                  fmt::format("Microsoft Graph has a token with this serial number assigned to {}, the portal one of {}",
                              owner_of(*here), owner_of(*there)),
                  "Check who has the device.");
  if (auto rejection = why_token_rejected(seed, graph.backend()))
    return refuse(rejection->code, std::move(rejection->reason), std::move(rejection->remedy));
  seed.upn = there->upn;
  const auto line = seed.line;
  rows.push_back(row_in_graph(std::move(seed), here.get()));
  rows.push_back(job_token(TokenChange::move_out, match.serial, there->upn, line));
  rows.back().from = there->upn;
  return rows;
}

}  // namespace

Result<JobOutcome> move_tokens(Tenant& tenant, const TokenMove& move) {
  if (!tenant.has_graph_tokens())
    return fail(Errc::invalid_input,
                fmt::format("Microsoft Graph manages hardware OATH tokens in the global cloud only, not in {}",
                            tenant.profile().cloud.name),
                "Tokens of this cloud stay the portal's.");
  auto seeds = read_seeds_to_send(move.seeds);
  if (!seeds) return pass(seeds);
  const auto graph = tenant.open_tokens_that_move();
  const auto portal = tenant.open_portal_tokens();
  TwoWorlds worlds;
  {
    const auto progress = tenant.interaction().progress();
    progress->phase("reading the tokens of Microsoft Graph and of the portal");
    if (auto read = worlds.read(*graph, *portal, tenant.deadline(kReadingBoth)); !read) return pass(read);
  }
  std::vector<JobToken> tokens;
  std::set<std::string> seen;
  for (auto& seed : seeds->tokens) {
    if (!seen.insert(seed.serial).second) continue;  // is among the problems
    for (auto& row : rows_of(std::move(seed), worlds, *graph, tenant.interaction())) tokens.push_back(std::move(row));
  }
  for (const auto& problem : seeds->problems) {
    if (!problem.warning) tokens.push_back(refused_token(problem));
  }
  JobTerms terms = move.terms;
  terms.again = true;  // a person names each
  Job job = new_job(tenant, std::string(kMoveKind), move.seeds.file);
  job.backend = "graph";
  return start_job(tenant, *graph, std::move(job), std::move(tokens), terms);
}

}  // namespace portalkey
