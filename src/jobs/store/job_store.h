#pragma once
// The journal: what every job set out to do, and how far it came. Durable on return, unless said otherwise.
//
// One process at a time does a job. It claims the job and gets a lease with a fence: a number that grows with each claim. Every
// write to a job that is begun names its lease, and changes nothing if the job was claimed again since: a process that was
// stopped for an hour and wakes up cannot write over what another has done meanwhile. tests/jobs/store/job_store_contract.h is
// all of this as tests, which every implementation passes.

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "jobs/model/job.h"
#include "jobs/model/job_token.h"
#include "jobs/model/taken_token.h"
#include "jobs/model/token_event.h"

namespace portalkey {

/// A job as portalkey wrote it.
struct LoadedJob {
  Job job;
  std::vector<JobToken> tokens;  ///< with the secret keys that are not wiped
};

/// A lease that nobody prolongs ends after this time, and another process may claim the job.
inline constexpr std::chrono::seconds kLeaseTime{120};

struct Lease {
  std::string job;
  std::int64_t fence = 0;
};

/// Whether a write was refused because the job was claimed by another since.
bool is_lease_lost(const Error& error);

struct JobFilter {
  std::string tenant;               ///< empty: of every one
  std::optional<Job::State> state;  ///< nullopt: in every one
};

struct JobPage {
  std::vector<Job> jobs;
  std::string next;  ///< where the next page begins; empty: this is the last
};

class JobStore {
 public:
  virtual ~JobStore() = default;
  using AddToken = std::function<Result<void>(const JobToken&)>;
  /// Writes the job and its tokens, their secret keys sealed, all of it bound by the journal's key. `tokens` calls what it is
  /// given with one after the other; they are numbered from 0. If that fails, nothing is written.
  virtual Result<void> create(const Job& job, const std::function<Result<void>(const AddToken&)>& tokens) = 0;
  Result<void> create(const Job& job, const std::vector<JobToken>& tokens);

  /// For looking, as find() and tokens() are: the journal may have been altered, and no key is asked for. Newest first, at most
  /// `most` of them. `after`: JobPage::next of the page before; jobs that come or go in between do not shift it.
  virtual Result<JobPage> list(const JobFilter& filter, std::size_t most, const std::string& after = {}) = 0;
  /// By its id, or by how that begins if no other job's does (at least four characters). not_found; invalid_input: several.
  virtual Result<Job> find(const std::string& id) = 0;
  /// Each in order, without secret keys.
  virtual Result<void> each_token(const std::string& id, const std::function<void(JobToken)>& take) = 0;
  Result<std::vector<JobToken>> tokens(const std::string& id);

  /// Looks through all of a job before it is done. corrupt: something of it is not as portalkey wrote it, or the journal's key
  /// is gone or another; says what.
  virtual Result<Job> check(const std::string& id) = 0;
  /// For doing: `most` rows from the `first` on, with the secret keys that are not wiped. corrupt as above, of these rows.
  virtual Result<std::vector<JobToken>> rows(const std::string& id, std::size_t first, std::size_t most) = 0;
  /// Both.
  Result<LoadedJob> load(const std::string& id);

  /// Makes this process the one that does the job, for kLeaseTime. conflict: another one is. One that died has let go; one that
  /// is seen to live, on this machine, is not robbed of a lease that ran out.
  virtual Result<Lease> claim(const std::string& id) = 0;
  /// Prolongs the lease to kLeaseTime from now. True: somebody asked for the job to stop.
  virtual Result<bool> heartbeat(const Lease& lease) = 0;
  /// Gives the job back as it is.
  virtual Result<void> release(const Lease& lease) = 0;
  /// Asks the process that does the job to stop, which it learns with its next heartbeat. False: none does it.
  virtual Result<bool> ask_to_stop(const std::string& id) = 0;

  // Under a lease. conflict, for which is_lease_lost() holds: the job was claimed by another since, and nothing was changed.

  /// Wipes the secret key of a token that is active. May become durable later: with the next call under this lease that is not
  /// this one.
  virtual Result<void> settle(const Lease& lease, std::size_t token, const TokenOutcome& outcome) = 0;
  virtual Result<void> flush(const Lease& lease) = 0;
  /// An upload is about to be sent under this name.
  virtual Result<void> uploading(const Lease& lease, const std::string& name) = 0;
  virtual Result<void> uploaded(const Lease& lease, const std::string& name) = 0;
  /// A saved plan, or a job that waits for its turn, becomes an open job. conflict: it was begun already.
  virtual Result<void> begin(const Lease& lease) = 0;
  /// How far it is now, and gives the job back. Wipes its secret keys if it is at its end.
  virtual Result<void> finish(const Lease& lease, Job::State state) = 0;
  /// Every trace of it.
  virtual Result<void> forget(const Lease& lease) = 0;

  /// Names of uploads whose fate is not known. corrupt as above.
  virtual Result<std::vector<std::string>> uploads(const std::string& id) = 0;
  /// Since when each of these tokens is known to be in the tenant without being active: since a job left it so, or since this
  /// was first asked.
  virtual Result<std::unordered_map<std::string, WallTime>> waiting_since(const std::string& tenant,
                                                                          const std::vector<std::string>& serials) = 0;
  /// The tokens of `tenant` that jobs took away and none put back since. Knows of this journal's jobs only.
  virtual Result<TakenTokens> taken_away(const std::string& tenant) = 0;
  /// What jobs of `tenant` did to the token, the oldest first; letter case of the serial number does not count. For looking, as
  /// find() is. Saved plans did nothing yet and are left out.
  virtual Result<std::vector<TokenEvent>> token_events(const std::string& tenant, const std::string& serial) = 0;
};

/// Every job, page after page.
Result<std::vector<Job>> every_job(JobStore& store, const JobFilter& filter = {});

}  // namespace portalkey
