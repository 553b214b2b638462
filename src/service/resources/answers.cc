#include "service/resources/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/ascii.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "directory/token_directory.h"
#include "service/resources/jobs.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostPreviewed = 1000;
constexpr std::chrono::minutes kPatience{2};  // of callers: Power Platform's

/// Of `Prefer` (RFC 7240): `respond-async`, `wait=10`.
std::chrono::seconds patience_of(const Call& call, std::chrono::seconds otherwise, std::chrono::seconds longest) {
  std::string prefer = lower(call.request.header("prefer"));
  if (prefer.contains("respond-async") && !prefer.contains("wait=")) return std::chrono::seconds(0);
  const auto at = prefer.find("wait=");
  if (at == std::string::npos) return otherwise;
  int seconds = 0;
  std::from_chars(prefer.data() + at + 5, prefer.data() + prefer.size(), seconds);
  return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0), longest);
}

}  // namespace

HttpResponse json_answer(int status, std::string body) {
  HttpResponse answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", "application/json");
  answer.body = std::move(body);
  return answer;
}

HttpResponse json_answer(int status, const json::object& body) { return json_answer(status, json_text(body)); }

HttpResponse refusal(const Call& call, const Error& error) {
  Problem problem = problem_of(error);
  if (std::ranges::any_of(error.context, [](const auto& entry) { return entry.first == "limit"; })) problem.status = 403;
  return answer_of(problem, call.correlation);
}

HttpResponse refusal(const Call& call, int status, std::string code, std::string detail, std::string remedy) {
  Problem problem;
  problem.status = status;
  problem.code = std::move(code);
  problem.detail = std::move(detail);
  problem.remedy = std::move(remedy);
  return answer_of(problem, call.correlation);
}

Result<void> may_act_on(Service& service, const Call& call, const std::string& upn) {
  const auto& limits = call.caller.limits;
  const auto refused = [](const char* what, const char* limit) {
    return std::unexpected(
        Error{Errc::forbidden, what, "An administrator of the service can change the caller's limits.", {{"limit", limit}}});
  };
  if (!in_domains(limits, upn))
    return refused("this caller may act on users of certain domains only, and this one is of none of them", "domains");
  auto member = service.tenant_of(call).groups().allows(limits, upn);
  if (!member) return pass(member);
  if (!*member)
    return refused("this caller may act on members of certain groups only, and this user is in none of them", "groups");
  return {};
}

namespace {

/// Of each row whom it is about; and, of what will be done, how many.
Result<void> within_limits(Service& service, const Call& call, const std::vector<JobToken>& rows) {
  std::size_t changed = 0;
  for (const auto& row : rows) {
    if (row.outcome.state == TokenOutcome::State::rejected) continue;
    ++changed;
    std::set<std::string> users;
    for (const auto* upn : {&row.outcome.upn, &row.seed.upn, &row.from}) {
      if (!upn->empty()) users.insert(account_of(*upn));
    }
    for (const auto& user : users) {
      if (auto may = may_act_on(service, call, user); !may) return may;
    }
  }
  return service.use().count(call.caller, changed);
}

}  // namespace

JobTerms terms_of(Service& service, const Call& call) {
  JobTerms terms;
  terms.queue = true;
  terms.begun_by = fmt::format("{}:{}", name_of(call.caller.kind), call.caller.id);
  terms.again = call.flag("again");
  terms.dry_run = call.flag("preview");
  const auto& clock = service.clock();
  const auto until = clock.steady_now() + kPatience;
  terms.agree = [&service, &call, &clock, until](const std::vector<JobToken>& rows) -> Result<void> {
    if (clock.steady_now() > until)
      return fail(Errc::unavailable, "reading the tenant took longer than anybody waits, and nothing was changed",
                  "Ask again.");
    return within_limits(service, call, rows);
  };
  return terms;
}

json::object outcome_json(const TokenOutcome& token, const Words& words) {
  json::object row{{"serialNumber", token.serial}, {"upn", token.upn}, {"state", name_of(token.state)}};
  if (token.line != 0) row["line"] = token.line;
  if (token.code != OutcomeCode::none) row["code"] = name_of(token.code);
  if (!token.reason.empty()) row["reason"] = words(token.reason);
  if (!token.remedy.empty()) row["remedy"] = words(token.remedy);
  if (token.settled != WallTime{}) row["settled"] = iso_time(token.settled);
  return row;
}

json::object job_json(const Job& job, const std::string& tenant) {
  return {{"id", job.id},
          {"tenant", tenant},
          {"kind", job.kind},
          {"state", state_text(job)},
          {"ended", job.state == Job::State::done || job.state == Job::State::cancelled},
          {"backend", job.backend},
          {"file", job.file},
          {"until", job.activate ? "active" : "uploaded"},
          {"begunBy", job.begun_by},
          {"tokens", job.tokens},
          {"good", job.good},
          {"failed", job.failed},
          {"notCome", job.not_come},
          {"created", iso_time(job.created)},
          {"updated", iso_time(job.updated)}};
}

namespace {

/// What is no job of the journal: a preview, or there was nothing to do.
json::object unkept_json(Service& service, const std::string& tenant, const JobOutcome& outcome) {
  json::array results;
  std::size_t good = 0;
  for (const auto& token : outcome.tokens) {
    good += token.good();
    if (results.size() < kMostPreviewed) results.push_back(outcome_json(token, service.words()));
  }
  return {{"tenant", tenant},
          {"kind", outcome.job.kind},
          {"state", outcome.dry_run ? "preview" : "nothing to do"},
          {"tokens", outcome.tokens.size()},
          {"good", good},
          {"results", std::move(results)}};
}

}  // namespace

HttpResponse answer_of_job(Service& service, const Call& call, const Result<JobOutcome>& outcome,
                           std::chrono::seconds patience) {
  if (!outcome) return refusal(call, outcome.error());
  auto& tenant = service.tenant_of(call);
  if (!outcome->kept || outcome->dry_run) return json_answer(200, unkept_json(service, tenant.name(), *outcome));
  const auto& id = outcome->job.id;
  tenant.queue().submit(id, outcome->job.tokens);
  const auto wait = patience_of(call, patience, service.settings().longest_wait);
  if (wait.count() > 0 && service.wait_for(tenant, id, wait)) return job_result(service, call, tenant, id);
  return job_goes_on(service, call, tenant, id);
}

}  // namespace portalkey
