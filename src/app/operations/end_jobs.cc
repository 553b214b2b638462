#include "app/operations/end_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace portalkey {
namespace {

constexpr std::chrono::milliseconds kLook{250};

bool at_its_end(const Job& job) { return job.state == Job::State::done || job.state == Job::State::cancelled; }

/// How many tokens only this job knows to have been taken away.
std::size_t taken_by(const TakenTokens& taken, const std::string& id) {
  return static_cast<std::size_t>(std::ranges::count_if(taken, [&](const auto& entry) { return entry.second.job == id; }));
}

Result<void> wait_until_nobody_does(Tenant& tenant, JobStore& store, const std::string& id, SteadyTime until) {
  for (;;) {
    auto job = store.find(id);
    if (!job) return pass(job);
    if (!job->running) return {};
    if (tenant.clock().steady_now() >= until) {
      return fail(Errc::conflict, fmt::format("the process that runs the job {} was asked to stop, and has not yet", id),
                  fmt::format("When it has: [[cancel-job|{}]]. If it does not, end it.", id));
    }
    if (!tenant.clock().sleep_for(kLook, tenant.stop()))
      return fail(Errc::cancelled, fmt::format("interrupted while the process that runs the job {} stops", id),
                  fmt::format("It stays asked to. When it has: [[cancel-job|{}]].", id));
  }
}

/// What a job was before it is claimed may not be so any more, so it is judged behind this.
Result<Lease> claim_from_another(Tenant& tenant, JobStore& store, const JobCancelling& wanted, bool& was_running) {
  const auto until = tenant.clock().steady_now() + wanted.patience;
  for (;;) {
    auto lease = store.claim(wanted.id);
    if (lease || lease.error().code != Errc::conflict) return lease;
    auto asked = store.ask_to_stop(wanted.id);
    if (!asked) return pass(asked);
    if (!*asked && tenant.clock().steady_now() >= until) return lease;
    if (*asked && !was_running) tenant.interaction().progress()->phase("waiting for the process that runs the job to stop");
    was_running = was_running || *asked;
    if (auto over = wait_until_nobody_does(tenant, store, wanted.id, until); !over) return pass(over);
  }
}

/// False: it is not at its end any more.
Result<bool> remove_ended(JobStore& store, const std::string& id) {
  auto lease = store.claim(id);
  if (!lease) return pass(lease);
  auto job = store.find(id);
  if (job && at_its_end(*job)) {
    if (auto gone = store.forget(*lease); !gone) return pass(gone);
    return true;
  }
  [[maybe_unused]] const auto given_back = store.release(*lease);
  if (!job) return pass(job);
  return false;
}

/// The tokens that each tenant's jobs took away: a profile may have been another's before.
Result<std::map<std::string, TakenTokens>> all_taken(JobStore& store, const std::vector<Job>& jobs) {
  std::map<std::string, TakenTokens> taken;
  for (const auto& job : jobs) {
    if (taken.contains(job.tenant)) continue;
    auto read = store.taken_away(job.tenant);
    if (!read) return pass(read);
    taken.emplace(job.tenant, std::move(*read));
  }
  return taken;
}

}  // namespace

Result<CancelledJob> cancel_job(Tenant& tenant, JobStore& store, const JobCancelling& wanted) {
  CancelledJob cancelled;
  cancelled.id = wanted.id;
  auto lease = claim_from_another(tenant, store, wanted, cancelled.was_running);
  if (!lease) return pass(lease);
  auto job = store.find(wanted.id);
  if (job && job->state != Job::State::done) {
    if (auto done = store.finish(*lease, Job::State::cancelled); !done) return pass(done);
    return cancelled;
  }
  [[maybe_unused]] const auto given_back = store.release(*lease);
  if (!job) return pass(job);
  return fail(Errc::invalid_input, fmt::format("the job {} is done", wanted.id),
              fmt::format("[[forget-job|{}]] removes its record.", wanted.id));
}

Result<ForgottenJob> forget_job(JobStore& store, const std::string& id) {
  auto job = store.find(id);
  if (!job) return pass(job);
  auto taken = store.taken_away(job->tenant);
  if (!taken) return pass(taken);
  auto lease = store.claim(job->id);
  if (!lease) return pass(lease);
  if (auto gone = store.forget(*lease); !gone) return pass(gone);
  return ForgottenJob{job->id, taken_by(*taken, job->id)};
}

Result<PrunedJobs> prune_jobs(Tenant& tenant, JobStore& store, const JobPruning& wanted) {
  auto jobs = every_job(store);
  if (!jobs) return pass(jobs);
  auto taken = all_taken(store, *jobs);
  if (!taken) return pass(taken);
  const auto before = tenant.clock().now() - wanted.older_than;
  PrunedJobs pruned;
  pruned.dry_run = wanted.dry_run;
  for (auto& job : *jobs) {
    if (job.updated >= before) continue;
    if (!at_its_end(job)) {
      ++pruned.kept_unfinished;
      continue;
    }
    if (taken_by(taken->at(job.tenant), job.id) > 0 && !wanted.with_removals) {
      ++pruned.kept_removals;
      continue;
    }
    if (!wanted.dry_run) {
      auto gone = remove_ended(store, job.id);
      if (!gone) {
        pruned.stopped = std::move(gone).error();
        return pruned;
      }
      if (!*gone) {
        ++pruned.kept_unfinished;
        continue;
      }
    }
    pruned.forgotten.push_back(std::move(job));
  }
  return pruned;
}

}  // namespace portalkey
