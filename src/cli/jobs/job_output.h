#pragma once
// What commands that do jobs have in common: options, the question before anything is changed, and what is printed at the end.

#include <memory>
#include <string>

#include "app/operations/start_job.h"
#include "cli/terminal/command.h"

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

/// As the options say. Before anything is changed a report must be one that can be written; then what is to be done is shown,
/// and asked about, if the command asks. `output` is kept by reference.
JobTerms terms_of(const JobOutput& output);

/// Writes the report, and prints what became of the job's tokens and what can be done about what is left.
Result<ExitCode> print_job(Tenant& tenant, Result<JobOutcome> done, const JobOutput& output);

}  // namespace portalkey
