#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "jobs/run/job_record.h"
#include "jobs/store/job_store.h"

namespace portalkey {

/// A job of the journal under a lease, which is prolonged for as long as flush() is called. Rows are read when they are needed,
/// and checked each time. Once something cannot be written, or the job is asked to stop, stop() is requested.
class JournalRecord final : public JobRecord {
 public:
  /// `rows`: how many the job has. `stop`: of whoever starts the run.
  JournalRecord(JobStore& store, Lease lease, std::size_t rows, Clock& clock, std::stop_token stop);

  std::stop_token stop() const { return source_.get_token(); }
  std::size_t size() const override { return rows_; }
  Result<void> each(const std::function<void(std::size_t, const JobToken&)>& take) override;
  Result<std::shared_ptr<const JobToken>> row(std::size_t row) override;
  Result<void> settle(std::size_t row, const TokenOutcome& outcome) override;
  /// cancelled: the job was asked to stop. What went wrong is answered once and again.
  Result<void> flush() override;
  Result<void> uploading(const std::string& name) override;
  Result<void> uploaded(const std::string& name) override;
  Result<std::vector<std::string>> uploads() override;

 private:
  Result<void> flush_and_beat();
  Result<void> noted(Result<void> done);

  JobStore& store_;
  Lease lease_;
  std::size_t rows_;
  Clock& clock_;
  SteadyTime last_beat_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> outer_;
  std::optional<Error> failed_;
};

}  // namespace portalkey
