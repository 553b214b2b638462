#pragma once
// What a command does to tokens, as a job of the journal, from where it stands to its end.

#include <memory>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "cli/terminal/command.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

struct JobOutput {
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();
  std::string report;  ///< a file; empty: none
  bool dry_run = false;
  bool all = false;      ///< print every token, not only what somebody should look at
  bool again = false;    ///< tokens that were taken away may come back
  std::string question;  ///< asked before anything is changed; empty: none is
  bool yes = false;      ///< the answer to it
};

/// `--dry-run`, `--report` and `--output`.
void add_job_options(Command command, JobOutput& output);
/// `--all`: every token is printed at the end.
void add_every_row_option(Command command, JobOutput& output);
/// `--again`: tokens that were taken away may come back.
void add_again_option(Command command, JobOutput& output);
/// `--yes`: the command shows its plan and asks.
void add_consent_option(Command command, JobOutput& output, std::string question);
/// When the command line is parsed: throws WrongUsage if nobody can be asked and --yes was not given.
void check_consent(const std::string& command, const JobOutput& output);

/// A job of this profile with a new id.
Job new_job(Tenant& services, std::string kind, std::string file);

/// A row that is to be done.
JobToken job_token(TokenChange change, std::string serial, std::string upn, std::int64_t line = 0);
/// The row of a token that is put in or activated.
JobToken job_token(TokenChange change, TokenSeed seed);
/// A row of which nothing can come.
JobToken refused_token(JobToken token, OutcomeCode code, std::string reason, std::string remedy = {});
JobToken refused_token(const RowProblem& problem);

/// The tenant's tokens, while the progress line says so.
Result<TenantCheck> read_tenant(Tenant& services);

/// Shows what is to be done, and asks if the command asks; cancelled: somebody said no.
Result<void> agreed(const std::vector<JobToken>& tokens, const JobOutput& output);

/// Asks, journals the job and runs it; with `dry_run` it only tells what would be done. A run that changes nothing in the
/// tenant leaves no job.
Result<ExitCode> start_job(Tenant& services, Job job, std::vector<JobToken> tokens, const JobOutput& output);

/// As the journal has it, not checked, by its id or how that begins. not_found; invalid_input if it was cancelled or is not of
/// this profile's tenant and backend.
Result<Job> find_runnable_job(Tenant& services, JobStore& store, const std::string& id);
/// Such a job, found to be as portalkey wrote it.
Result<LoadedJob> load_runnable_job(Tenant& services, JobStore& store, const std::string& id);

/// Such a job, of which all was looked through, and whose rows are not needed here.
Result<Job> check_runnable_job(Tenant& services, JobStore& store, const std::string& id);

/// Does what is left of a job of the journal that was claimed, prints what became of each of its tokens, and writes the report.
/// Gives the job back.
Result<ExitCode> continue_job(Tenant& services, JobStore& store, const Lease& lease, Job job, const JobOutput& output);

}  // namespace portalkey
