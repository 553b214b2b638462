#pragma once
// What handlers answer with. Only for .cc files of parts that link Boost::json.

#include <boost/json.hpp>
#include <string>

#include "app/operations/start_job.h"
#include "service/api/problem.h"
#include "service/service.h"

namespace portalkey {

HttpResponse json_answer(int status, std::string body);
HttpResponse json_answer(int status, const boost::json::object& body);
HttpResponse refusal(const Call& call, const Error& error);
HttpResponse refusal(const Call& call, int status, std::string code, std::string detail, std::string remedy = {});

/// What every operation of a caller is held to: the job waits in the queue, is known to be this caller's, and touches nobody
/// whom the caller may not act on.
JobTerms terms_of(Service& service, const Call& call);
/// Whether the caller may act on this user, by its domains and groups; `upn` may be an object id, which limits by domain
/// refuse.
Result<void> may_act_on(Service& service, const Call& call, const std::string& upn);

/// What was queued: waits for its end as long as the caller wants (`Prefer: wait=N`, `respond-async`; otherwise `patience`),
/// and answers 200 with the job and its tokens, or 202 with where to ask. What changed nothing, or was only a preview, 200 at
/// once.
HttpResponse answer_of_job(Service& service, const Call& call, const Result<JobOutcome>& outcome,
                           std::chrono::seconds patience);

boost::json::object outcome_json(const TokenOutcome& token, const Words& words);
boost::json::object job_json(const Job& job, const std::string& tenant);

}  // namespace portalkey
