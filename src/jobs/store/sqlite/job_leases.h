#pragma once
// Who does a job, in SQLite: the newest fence of each job and until when its lease runs, in a table, and a lock file beside
// the journal that the holder keeps locked. The table alone keeps the promise of the fence. The lock file tells at once that a
// holder died, so that nobody waits for its lease to end, and that it lives: a process that is stopped, that waits for a
// person's sign-in, or of a version before leases keeps its job however old its lease is.

#include <filesystem>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "jobs/store/job_store.h"
#include "sqlite/sqlite.h"

namespace portalkey {

class JobLeases {
 public:
  JobLeases(Sqlite& db, std::filesystem::path folder, Clock& clock) : db_(db), folder_(std::move(folder)), clock_(clock) {}

  /// Whether a process that is alive does it. Also outside a transaction.
  bool held(const std::string& job);
  /// Whether a process has the job's lock file in the journal's folder, be it of a version that knows no leases.
  static bool locked(const std::filesystem::path& folder, const std::string& job, Clock& clock);

  // The others inside a transaction.

  Result<Lease> claim(const std::string& job);
  /// As lease_lost() says, if it is not the newest.
  Result<void> check(const Lease& lease);
  Result<bool> heartbeat(const Lease& lease);
  Result<void> release(const Lease& lease);
  Result<bool> ask_to_stop(const std::string& job);

  /// Lets go of the lock file: behind the transaction.
  void unlock(const std::string& job) { locks_.erase(job); }
  void remove_lock_file(const std::string& job);

 private:
  static std::filesystem::path lock_file(const std::filesystem::path& folder, const std::string& job) {
    return folder / (job + ".lock");
  }
  Result<bool> runs(const std::string& job);

  Sqlite& db_;
  std::filesystem::path folder_;
  Clock& clock_;
  std::map<std::string, FileLock> locks_;
};

}  // namespace portalkey
