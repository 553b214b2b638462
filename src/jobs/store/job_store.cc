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

Result<void> JobStore::create(const Job& job, const std::vector<JobToken>& tokens) {
  return create(job, [&](const AddToken& add) -> Result<void> {
    for (const auto& token : tokens) {
      if (auto added = add(token); !added) return added;
    }
    return {};
  });
}

Result<std::vector<JobToken>> JobStore::tokens(const std::string& id) {
  std::vector<JobToken> out;
  auto read = each_token(id, [&](JobToken token) { out.push_back(std::move(token)); });
  if (!read) return pass(read);
  return out;
}

Result<LoadedJob> JobStore::load(const std::string& id) {
  auto job = check(id);
  if (!job) return pass(job);
  auto tokens = rows(id, 0, job->tokens);
  if (!tokens) return pass(tokens);
  return LoadedJob{std::move(*job), std::move(*tokens)};
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
