#pragma once
// Does what is left of a job: first what is taken from somebody, then what is put in, assigned and activated
// (jobs/run/import.h), then what goes, so that a token that replaces another is active before the other is removed.
//
// What is right already is left alone, so a job may be run again whenever it was cut off. Rows are read when they are needed:
// of a million, numbers and what the tenant holds are in memory, not the rows.

#include <chrono>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "directory/token_directory.h"
#include "jobs/model/progress.h"
#include "jobs/model/taken_token.h"
#include "jobs/run/job_record.h"
#include "jobs/store/activation_pace.h"

namespace portalkey {

class Random;

struct JobOptions {
  bool activate = true;  ///< false: stop when a token is in the tenant
  bool dry_run = false;  ///< read the tenant, change nothing
  std::chrono::seconds upload_patience{15 * 60};
  TokenDirectory* moves_from = nullptr;  ///< of a job that moves tokens: where they come from
  ActivationPace* pace = nullptr;        ///< null: the service's limit, for this job alone
  TakenTokens not_again;                 ///< tokens that were taken away, and do not come back by being put in
  std::set<std::string> members;         ///< accounts with a guest's UPN that are known to be none
};

/// How a run ended.
struct JobEnd {
  std::optional<Error> stopped;   ///< why it ended early
  std::vector<bool> not_come_to;  ///< by row: it was to be done, and the run ended before

  /// `token`, of this row, with what is to be said of it now. Nothing of that is in the record.
  void explain(std::size_t row, JobToken& token) const;
};

/// Brings the rows of `record` as far as they come.
JobEnd run_job(JobRecord& record, TokenDirectory& directory, const JobOptions& options, Clock& clock, Random& random,
               Progress& progress, std::stop_token stop);

}  // namespace portalkey
