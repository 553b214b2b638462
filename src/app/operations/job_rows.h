#pragma once
// What an operation does to tokens, as the rows of a job.

#include <string>

#include "jobs/model/job_token.h"
#include "jobs/verdict/why_rejected.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

/// A row that is to be done.
JobToken job_token(TokenChange change, std::string serial, std::string upn, std::int64_t line = 0);
/// The row of a token that is put in or activated.
JobToken job_token(TokenChange change, TokenSeed seed);
/// A row of which nothing can come.
JobToken refused_token(JobToken token, OutcomeCode code, std::string reason, std::string remedy = {});
JobToken refused_token(JobToken token, Rejection rejection);
JobToken refused_token(const RowProblem& problem);

}  // namespace portalkey
