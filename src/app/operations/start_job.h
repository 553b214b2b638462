#pragma once
// A job of the journal, from the rows that an operation makes to what became of each. A job runs on the thread that starts it,
// with a directory and a journal of its own: several may run at once, on a thread each.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "jobs/model/job_token.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {

/// On what terms an operation does its job.
struct JobTerms {
  bool dry_run = false;  ///< look at the tenant, and tell what would be done
  bool again = false;    ///< tokens that were taken away may come back
  /// Shown the rows before anything is changed, in the journal or in the tenant: an error ends the operation there. Not called
  /// by a dry run. Empty: nobody need agree.
  std::function<Result<void>(const std::vector<JobToken>&)> agree;
  std::stop_token stop;   ///< ends this job alone; without a source: the tenant's does
  bool queue = false;     ///< only write the job down: it waits for its turn (resume_job)
  std::string begun_by;   ///< kept with a job that is queued
  std::string file_name;  ///< likewise, where what is read is no file of that name
  /// Told the job's id when it is in the journal and this process has it, before anything is sent. A job that changes nothing
  /// in the tenant is not kept even so. Not called by a dry run, nor for a job that is resumed. Empty: nobody waits for it.
  std::function<void(const std::string& id)> journaled;
};

/// A token of which its file says when it was made.
struct AgedToken {
  std::string serial, made;  ///< `made`: YYYY-MM-DD
};

/// How far a job came.
struct JobOutcome {
  Job job;                               ///< as it is now
  bool dry_run = false;                  ///< the journal has no such job, and the tenant is as it was
  bool kept = false;                     ///< the journal has it; otherwise nothing was changed in the tenant
  std::vector<TokenOutcome> tokens;      ///< every one, in the file's order
  bool puts_in = false;                  ///< tokens came into the tenant, or would
  std::vector<AgedToken> made_long_ago;  ///< what the file told of the job's tokens; empty of one that is resumed
  std::optional<Error> stopped;          ///< why it ended early; what is left can be done later if it is kept

  /// Each token is where it was to go, or has a reason why not.
  bool all_settled() const { return job.state == Job::State::done; }
};

/// A job of this profile with a new id.
Job new_job(Tenant& tenant, std::string kind, std::string file);

/// The tenant's tokens, which takes a while.
Result<TenantCheck> read_tenant(Tenant& tenant, TokenDirectory& directory);

/// Journals the job and does it. `directory`: opened for this job. A job that changes nothing in the tenant is not kept.
Result<JobOutcome> start_job(Tenant& tenant, TokenDirectory& directory, Job job, std::vector<JobToken> tokens,
                             const JobTerms& terms);

/// As the journal has it, not checked, by its id or how that begins. not_found; invalid_input if it was cancelled or is not of
/// this profile's tenant and backend.
Result<Job> find_runnable_job(Tenant& tenant, JobStore& store, const std::string& id);
/// Such a job, found to be as portalkey wrote it.
enum class Cancelled { refused, as_well };
Result<LoadedJob> load_runnable_job(Tenant& tenant, JobStore& store, const std::string& id,
                                    Cancelled cancelled = Cancelled::refused);

/// Does what is left of such a job. invalid_input: it is a saved plan. conflict: another process does it.
/// Also begins one that waits for its turn. `stop`: of this job alone, instead of the tenant's.
Result<JobOutcome> resume_job(Tenant& tenant, JobStore& store, const std::string& id, std::stop_token stop = {});

/// Does what is left of a job of the journal that was claimed, and gives it back.
Result<JobOutcome> continue_job(Tenant& tenant, TokenDirectory& directory, JobStore& store, const Lease& lease, Job job,
                                const JobTerms& terms);

}  // namespace portalkey
