#include "jobs/store/job_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "jobs/store/lease_lost.h"

namespace portalkey {
namespace {

constexpr std::string_view kLost = "lease_lost";

}  // namespace

Error lease_lost(const std::string& job) {
  return {Errc::conflict,
          "another process has taken the job " + job + " over",
          "This one has stopped, and the other goes on.",
          {{"refusal", std::string(kLost)}}};
}

bool is_lease_lost(const Error& error) {
  return error.code == Errc::conflict && std::ranges::any_of(error.context, [](const auto& entry) {
           return entry.first == "refusal" && entry.second == kLost;
         });
}

Result<std::vector<Job>> every_job(JobStore& store, const JobFilter& filter) {
  constexpr std::size_t kAtOnce = 200;
  std::vector<Job> jobs;
  std::string after;
  do {
    auto page = store.list(filter, kAtOnce, after);
    if (!page) return pass(page);
    std::ranges::move(page->jobs, std::back_inserter(jobs));
    after = std::move(page->next);
  } while (!after.empty());
  return jobs;
}

}  // namespace portalkey
