#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "jobs/store/job_store.h"

namespace portalkey {

/// Writes down what was settled, several times a second, and prolongs the lease while the job runs. Once it cannot, or the job
/// is asked to stop, stop() is requested.
class LeaseKeeper {
 public:
  /// `store` null: there is nothing to keep. `stop`: of whoever started the run.
  LeaseKeeper(JobStore* store, Lease lease, Clock& clock, std::stop_token stop);

  const Lease& lease() const { return lease_; }
  std::stop_token stop() const { return source_.get_token(); }
  /// cancelled: the job was asked to stop. What went wrong is answered once and again.
  Result<void> flush();
  /// What a write to the journal came to: where it failed, the run is stopped.
  Result<void> noted(Result<void> done);
  /// In a task, until `over`, or until flush() fails.
  Result<void> keep(const bool& over);

 private:
  Result<void> flush_and_beat();

  JobStore* store_;
  Lease lease_;
  Clock& clock_;
  SteadyTime last_beat_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> outer_;
  std::optional<Error> failed_;
};

}  // namespace portalkey
