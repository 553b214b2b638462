#include "app/operations/show_job.h"

#include <algorithm>

namespace portalkey {

Result<std::string> job_named(JobStore& store, const std::string& name) {
  if (name != "last") {
    auto job = store.find(name);
    if (!job) return pass(job);
    return std::move(job->id);
  }
  auto newest = store.list({}, 1);
  if (!newest) return pass(newest);
  if (newest->jobs.empty()) return fail(Errc::not_found, "there is no job", "Jobs are begun by [[import]] and the like.");
  return std::move(newest->jobs.front().id);
}

Result<ShownJob> show_job(JobStore& store, const std::string& id) {
  auto job = store.find(id);
  if (!job) return pass(job);
  ShownJob shown;
  shown.job = std::move(*job);
  auto read = store.each_token(shown.job.id, [&](JobToken token) { shown.tokens.push_back(std::move(token.outcome)); });
  if (!read) return pass(read);
  std::ranges::stable_sort(shown.tokens, {}, &TokenOutcome::line);
  if (auto checked = store.check(shown.job.id); !checked) shown.unsound = std::move(checked).error();
  return shown;
}

}  // namespace portalkey
