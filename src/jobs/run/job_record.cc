#include "jobs/run/job_record.h"

namespace portalkey {

Result<void> HeldRecord::each(const std::function<void(std::size_t, const JobToken&)>& take) {
  for (std::size_t row = 0; row < rows_.size(); ++row) take(row, rows_[row]);
  return {};
}

Result<std::shared_ptr<const JobToken>> HeldRecord::row(std::size_t row) {
  return std::shared_ptr<const JobToken>(std::shared_ptr<void>(), &rows_.at(row));  // owned by whoever made this
}

Result<void> HeldRecord::settle(std::size_t row, const TokenOutcome& outcome) {
  auto& kept = rows_.at(row).outcome;
  const auto clock = kept.clock;
  kept = outcome;
  kept.clock = clock;
  return {};
}

}  // namespace portalkey
