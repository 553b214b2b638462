#pragma once
// Jobs given up, and their records removed. What is in the tenant stays there.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"

namespace portalkey {

struct JobCancelling {
  std::string id;
  /// How long to wait for another process that does the job, and is asked to stop. It learns of that within seconds if it is
  /// not stopped itself and waits for nobody.
  std::chrono::seconds patience{60};
};

struct CancelledJob {
  std::string id;
  bool was_running = false;  ///< another process did it, and has ended since it was asked to stop
};

/// Wipes the job's secret keys and keeps its record. invalid_input: it is done. conflict: another process does it and has not
/// stopped within the time given; it stays asked to.
Result<CancelledJob> cancel_job(Tenant& tenant, JobStore& store, const JobCancelling& wanted);

struct ForgottenJob {
  std::string id;
  std::size_t taken_away = 0;  ///< tokens of which only this job knew that they were: a seed file brings them back now
};

/// Removes every trace of it from the journal. conflict: another process does it.
Result<ForgottenJob> forget_job(JobStore& store, const std::string& id);

struct JobPruning {
  std::chrono::hours older_than{0};  ///< since they ended
  bool with_removals = false;        ///< also those that know which tokens were taken away
  bool dry_run = false;              ///< only tell which
};

struct PrunedJobs {
  bool dry_run = false;
  std::vector<Job> forgotten;       ///< or would be
  std::size_t kept_unfinished = 0;  ///< old ones that are not at their end
  std::size_t kept_removals = 0;    ///< old ones that keep tokens from coming back
  std::optional<Error> stopped;     ///< why the others were not come to
};

/// Forgets the jobs that ended long ago, of every tenant of the journal.
Result<PrunedJobs> prune_jobs(Tenant& tenant, JobStore& store, const JobPruning& wanted);

}  // namespace portalkey
