#pragma once
// Does what is left of a job: first what is taken from somebody, then what is put in, assigned and activated
// (jobs/run/import.h), then what goes, so that a token that replaces another is active before the other is removed.
//
// What is right already is left alone, so a job may be run again whenever it was cut off. While it runs it prolongs its lease,
// and it ends early where another process asks it to, or has taken the job over.

#include <chrono>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "directory/token_directory.h"
#include "jobs/model/progress.h"
#include "jobs/store/activation_pace.h"
#include "jobs/store/job_store.h"

namespace portalkey {

class Random;

struct JobOptions {
  bool activate = true;  ///< false: stop when a token is in the tenant
  bool dry_run = false;  ///< read the tenant, change nothing
  std::chrono::seconds upload_patience{15 * 60};
  ActivationPace* pace = nullptr;  ///< null: the service's limit, for this job alone
  JobStore* store = nullptr;       ///< null: nothing is journaled
  Lease lease;                     ///< under which this process does it
  TakenTokens not_again;           ///< tokens that were taken away, and do not come back by being put in
  std::set<std::string> members;   ///< accounts with a guest's UPN that are known to be none
};

/// Brings `tokens` as far as they come, each with its outcome, and wipes their secret keys here. Returns why it ended early.
std::optional<Error> run_job(std::vector<JobToken>& tokens, TokenDirectory& directory, const JobOptions& options, Clock& clock,
                             Random& random, Progress& progress, std::stop_token stop);

}  // namespace portalkey
