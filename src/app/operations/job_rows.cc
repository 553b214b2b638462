#include "app/operations/job_rows.h"

#include <fmt/format.h>

#include "seeds/model/token_clock.h"

namespace portalkey {

JobToken job_token(TokenChange change, std::string serial, std::string upn, std::int64_t line) {
  JobToken token;
  token.change = change;
  token.outcome.state = TokenOutcome::State::not_done;
  token.outcome.serial = std::move(serial);
  token.outcome.upn = std::move(upn);
  token.outcome.line = line;
  return token;
}

JobToken job_token(TokenChange change, TokenSeed seed) {
  JobToken token = job_token(change, seed.serial, seed.upn, seed.line);
  token.outcome.clock = known_clock(seed);
  token.seed = std::move(seed);
  return token;
}

JobToken refused_token(JobToken token, OutcomeCode code, std::string reason, std::string remedy) {
  token.seed = {};  // the journal has no columns for what is of no use
  token.outcome.state = TokenOutcome::State::rejected;
  token.outcome.code = code;
  token.outcome.reason = std::move(reason);
  token.outcome.remedy = std::move(remedy);
  return token;
}

JobToken refused_token(JobToken token, Rejection rejection) {
  return refused_token(std::move(token), rejection.code, std::move(rejection.reason), std::move(rejection.remedy));
}

JobToken refused_token(const RowProblem& problem) {
  const bool other_file = !problem.file.empty();
  return refused_token(job_token(TokenChange::create, problem.serial, problem.upn, other_file ? 0 : problem.line),
                       OutcomeCode::unusable_row,
                       fmt::format("{}{}: {}", other_file ? fmt::format("{} line {}: ", problem.file, problem.line) : "",
                                   problem.field, problem.what),
                       problem.remedy);
}

}  // namespace portalkey
