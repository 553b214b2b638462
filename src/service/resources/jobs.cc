#include "service/resources/jobs.h"

#include <fmt/format.h>

#include <charconv>

#include "app/operations/assign_tokens.h"
#include "app/operations/end_jobs.h"
#include "app/operations/leave_tokens.h"
#include "app/operations/show_job.h"
#include "app/operations/undo_job.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "service/resources/answers.h"
#include "service/resources/job_events.h"
#include "service/resources/seed_body.h"

namespace portalkey {
namespace {

namespace json = boost::json;
constexpr std::size_t kRowsInAnswer = 100;
constexpr std::size_t kMostInList = 100'000;
constexpr std::chrono::seconds kAskAgain{5};

Result<Job> find_job(ServedTenant& tenant, const std::string& id) {
  auto job = tenant.with_jobs<Job>([&](JobStore& store) { return store.find(id); });
  if (job && job->tenant != tenant.tenant().profile().tenant) return fail(Errc::not_found, "there is no such job");
  return job;
}

bool goes_on(ServedTenant& tenant, const Job& job) {
  return job.running || job.state == Job::State::queued || !tenant.queue().wait_for(job.id, std::chrono::milliseconds(0));
}

Result<json::array> rows_of(Service& service, ServedTenant& tenant, const std::string& id, std::size_t first,
                            std::size_t most) {
  return tenant.with_jobs<json::array>([&](JobStore& store) -> Result<json::array> {
    json::array rows;
    std::size_t number = 0;
    auto read = store.each_token(id, [&](const JobToken& token) {
      if (number >= first && number < first + most) rows.push_back(outcome_json(token.outcome, service.words()));
      ++number;
    });
    if (!read) return pass(read);
    return rows;
  });
}

HttpResponse with_location(HttpResponse answer, Service& service, ServedTenant& tenant, const std::string& id) {
  const std::string at = fmt::format("{}/v1/tenants/{}/jobs/{}", service.settings().public_url, tenant.name(), id);
  answer.headers.emplace_back("Location", fmt::format("{}/result?ticket={}", at, service.ticket_for(tenant.name(), id)));
  answer.headers.emplace_back("Operation-Location", at);
  answer.headers.emplace_back("Retry-After", std::to_string(kAskAgain.count()));
  return answer;
}

}  // namespace

HttpResponse job_goes_on(Service& service, const Call& call, ServedTenant& tenant, const std::string& id) {
  auto job = find_job(tenant, id);
  if (!job) return refusal(call, job.error());
  json::object body = job_json(*job, tenant.name());
  if (const auto why = tenant.queue().why_stopped(job->id)) {
    body["heldUpBy"] = {
        {"code", name_of(why->code)}, {"detail", service.words()(why->what)}, {"remedy", service.words()(why->remedy)}};
  }
  return with_location(json_answer(202, body), service, tenant, id);
}

HttpResponse job_result(Service& service, const Call& call, ServedTenant& tenant, const std::string& id) {
  auto job = find_job(tenant, id);
  if (!job) return refusal(call, job.error());
  if (goes_on(tenant, *job)) return job_goes_on(service, call, tenant, job->id);
  if (is_left_over(*job)) {  // the queue goes on with it, unless it takes a person
    const auto why = tenant.queue().why_stopped(job->id);
    if (!why || !takes_a_person(*why)) return job_goes_on(service, call, tenant, job->id);
    return refusal(call, Error(*why).with("job", job->id));
  }
  auto rows = rows_of(service, tenant, job->id, 0, kRowsInAnswer);
  if (!rows) return refusal(call, rows.error());
  json::object body = job_json(*job, tenant.name());
  body["results"] = std::move(*rows);
  return json_answer(200, body);
}

HttpResponse list_jobs(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  JobFilter filter;
  filter.tenant = tenant.tenant().profile().tenant;
  if (call.has("state")) filter.state = job_state_of(call.value("state"));
  const std::size_t most = call.has("top") ? std::stoul(call.value("top")) : 50;
  auto page = tenant.with_jobs<JobPage>([&](JobStore& store) { return store.list(filter, most, call.value("after")); });
  if (!page) return refusal(call, page.error());
  json::array jobs;
  for (const auto& job : page->jobs) jobs.push_back(job_json(job, tenant.name()));
  return json_answer(200, json::object{{"value", std::move(jobs)},
                                       {"next", page->next.empty() ? json::value(nullptr) : json::value(page->next)}});
}

HttpResponse get_job(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  auto job = find_job(tenant, call.value("job"));
  if (!job) return refusal(call, job.error());
  auto answer = json_answer(200, job_json(*job, tenant.name()));
  if (goes_on(tenant, *job)) answer.headers.emplace_back("Retry-After", std::to_string(kAskAgain.count()));
  return answer;
}

HttpResponse get_job_result(Service& service, Call& call) {
  return job_result(service, call, service.tenant_of(call), call.value("job"));
}

HttpResponse get_job_tokens(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  auto job = find_job(tenant, call.value("job"));
  if (!job) return refusal(call, job.error());
  const std::size_t most = call.has("top") ? std::stoul(call.value("top")) : kRowsInAnswer;
  const std::size_t first = call.has("after") ? std::stoul(call.value("after")) : 0;
  auto rows = rows_of(service, tenant, job->id, first, most);
  if (!rows) return refusal(call, rows.error());
  const std::size_t next = first + rows->size();
  return json_answer(200,
                     json::object{{"value", std::move(*rows)},
                                  {"next", next < job->tokens ? json::value(std::to_string(next)) : json::value(nullptr)}});
}

HttpResponse start_job_of_tokens(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  const std::string kind = call.text("kind");
  const auto* tokens = call.body.if_contains("tokens");
  const auto* filter = call.body.if_contains("filter");
  if ((tokens == nullptr) == (filter == nullptr))
    return refusal(call, 400, "invalid_input", "the job is for a list of tokens or for a filter, one of the two",
                   "Give tokens or filter.");
  std::vector<ListedToken> listed;
  if (tokens != nullptr) {
    for (const auto& one : tokens->as_array()) {
      const auto& row = one.as_object();
      const auto text = [&](const char* name) {
        const auto* value = row.if_contains(name);
        return value == nullptr ? std::string() : std::string(value->as_string());
      };
      listed.push_back({text("serialNumber"), text("upn")});
    }
  } else {
    if (kind == "assign" || kind == "leave")
      return refusal(call, 400, "invalid_input", "a filter names tokens, and this needs users", "Give tokens.");
    auto found = listed_by_filter(service, tenant, filter->as_object());
    if (!found) return refusal(call, found.error());
    listed = std::move(*found);
  }
  if (listed.empty()) return refusal(call, 404, "not_found", "no token fits");
  if (listed.size() > kMostInList)
    return refusal(call, 400, "invalid_input",
                   fmt::format("{} tokens at once, and at most {} may be", listed.size(), kMostInList),
                   "Make several jobs of it.");
  const bool by_users = kind == "leave";
  for (const auto& one : listed) {
    if (by_users ? one.upn.empty() : one.serial.empty())
      return refusal(call, 400, "invalid_input", by_users ? "a row has no upn" : "a row has no serialNumber",
                     "Complete the list.");
    if (kind == "assign" && one.upn.empty())
      return refusal(call, 400, "invalid_input", "a row has no upn", "Complete the list.");
  }
  auto list = SeedBody::of_list(listed, by_users);
  if (!list) return refusal(call, list.error());
  auto terms = terms_of(service, call);
  Result<JobOutcome> outcome = [&]() -> Result<JobOutcome> {
    if (kind == "assign") return assign_tokens(tenant.tenant(), {.list = list->path(), .terms = terms});
    if (by_users) return leave_tokens(tenant.tenant(), {.list = list->path(), .remove = call.flag("remove"), .terms = terms});
    const TokensToTake taking{.named = {.list = list->path()}, .terms = terms};
    return kind == "unassign" ? unassign_tokens(tenant.tenant(), taking) : remove_tokens(tenant.tenant(), taking);
  }();
  return answer_of_job(service, call, outcome, std::chrono::seconds(0));
}

HttpResponse cancel_job(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  auto job = find_job(tenant, call.value("job"));
  if (!job) return refusal(call, job.error());
  tenant.queue().stop_job(job->id);
  service.wait_for(tenant, job->id, service.settings().longest_wait);
  auto cancelled = tenant.with_jobs<CancelledJob>(
      [&](JobStore& store) { return portalkey::cancel_job(tenant.tenant(), store, {job->id, std::chrono::seconds(5)}); });
  if (!cancelled) return refusal(call, cancelled.error());
  return job_result(service, call, tenant, job->id);
}

HttpResponse resume_job(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  auto job =
      tenant.with_jobs<Job>([&](JobStore& store) { return find_runnable_job(tenant.tenant(), store, call.value("job")); });
  if (!job) return refusal(call, job.error());
  if (job->state == Job::State::planned)
    return refusal(call, 409, "conflict", "the job is a saved plan, which is applied where it was made");
  if (job->state == Job::State::done) return job_result(service, call, tenant, job->id);
  tenant.queue().submit(job->id, job->not_come + job->failed);
  return job_goes_on(service, call, tenant, job->id);
}

HttpResponse undo_job(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  auto terms = terms_of(service, call);
  auto outcome = tenant.with_jobs<JobOutcome>(
      [&](JobStore& store) { return portalkey::undo_job(tenant.tenant(), store, call.value("job"), terms); });
  return answer_of_job(service, call, outcome, std::chrono::seconds(0));
}

HttpResponse get_job_events(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  auto job = find_job(tenant, call.value("job"));
  if (!job) return refusal(call, job.error());
  std::int64_t after = 0;
  const auto last = call.request.header("last-event-id");
  std::from_chars(last.data(), last.data() + last.size(), after);
  HttpResponse answer;
  answer.headers.emplace_back("Content-Type", "text/event-stream");
  answer.source = job_events(service, tenant, job->id, after);
  return answer;
}

}  // namespace portalkey
