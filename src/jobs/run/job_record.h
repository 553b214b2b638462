#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "jobs/model/job_token.h"

namespace portalkey {

/// The rows of a job that is run, by their numbers, and the record of what becomes of them. An error ends the run.
class JobRecord {
 public:
  virtual ~JobRecord() = default;
  virtual std::size_t size() const = 0;
  /// As they are now, in order, with their secret keys.
  virtual Result<void> each(const std::function<void(std::size_t row, const JobToken&)>& take) = 0;
  virtual Result<std::shared_ptr<const JobToken>> row(std::size_t row) = 0;
  virtual Result<void> settle(std::size_t row, const TokenOutcome& outcome) = 0;
  /// Several times a second: makes what was settled durable.
  virtual Result<void> flush() = 0;
  virtual Result<void> uploading(const std::string& name) = 0;
  virtual Result<void> uploaded(const std::string& name) = 0;
  /// Names of uploads whose fate is not known.
  virtual Result<std::vector<std::string>> uploads() = 0;
};

/// Rows in memory, of which nothing is written down: a dry run's.
class HeldRecord final : public JobRecord {
 public:
  /// `rows` must stay.
  explicit HeldRecord(std::vector<JobToken>& rows) : rows_(rows) {}
  std::size_t size() const override { return rows_.size(); }
  Result<void> each(const std::function<void(std::size_t, const JobToken&)>& take) override;
  Result<std::shared_ptr<const JobToken>> row(std::size_t row) override;
  Result<void> settle(std::size_t row, const TokenOutcome& outcome) override;
  Result<void> flush() override { return {}; }
  Result<void> uploading(const std::string&) override { return {}; }
  Result<void> uploaded(const std::string&) override { return {}; }
  Result<std::vector<std::string>> uploads() override { return {}; }

 private:
  std::vector<JobToken>& rows_;
};

}  // namespace portalkey
