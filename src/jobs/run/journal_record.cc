#include "jobs/run/journal_record.h"

#include <algorithm>
#include <utility>

namespace portalkey {
namespace {

/// Many may be missed before the lease ends; but whoever asks the job to stop waits for the next.
constexpr auto kBeat = kLeaseTime / 24;
constexpr std::size_t kRowsAtOnce = 500;

}  // namespace

JournalRecord::JournalRecord(JobStore& store, Lease lease, std::size_t rows, Clock& clock, std::stop_token stop)
    : store_(store),
      lease_(std::move(lease)),
      rows_(rows),
      clock_(clock),
      last_beat_(clock.steady_now()),
      outer_(std::move(stop), [this] { source_.request_stop(); }) {}

Result<void> JournalRecord::each(const std::function<void(std::size_t, const JobToken&)>& take) {
  const bool before = failed_.has_value();  // then what is in the journal is still worth reading
  if (auto written = noted(store_.flush(lease_)); !written && !before) return written;
  for (std::size_t first = 0; first < rows_; first += kRowsAtOnce) {
    const auto some = store_.rows(lease_.job, first, std::min(kRowsAtOnce, rows_ - first));
    if (!some) return std::unexpected(some.error());
    for (std::size_t i = 0; i < some->size(); ++i) take(first + i, (*some)[i]);
  }
  return {};
}

Result<std::shared_ptr<const JobToken>> JournalRecord::row(std::size_t row) {
  auto one = store_.rows(lease_.job, row, 1);
  if (!one) return pass(one);
  return std::make_shared<const JobToken>(std::move(one->front()));
}

Result<void> JournalRecord::settle(std::size_t row, const TokenOutcome& outcome) {
  return noted(store_.settle(lease_, row, outcome));
}

Result<void> JournalRecord::uploading(const std::string& name) { return noted(store_.uploading(lease_, name)); }
Result<void> JournalRecord::uploaded(const std::string& name) { return noted(store_.uploaded(lease_, name)); }
Result<std::vector<std::string>> JournalRecord::uploads() { return store_.uploads(lease_.job); }

Result<void> JournalRecord::flush() {
  if (failed_) return std::unexpected(*failed_);
  return noted(flush_and_beat());
}

Result<void> JournalRecord::noted(Result<void> done) {
  if (!done && !failed_) {
    failed_ = done.error();
    source_.request_stop();
  }
  return done;
}

Result<void> JournalRecord::flush_and_beat() {
  if (auto done = store_.flush(lease_); !done) return done;
  if (clock_.steady_now() - last_beat_ < kBeat) return {};
  last_beat_ = clock_.steady_now();
  auto asked = store_.heartbeat(lease_);
  if (!asked) return pass(asked);
  if (*asked)
    return fail(Errc::cancelled, "another process asked this job to stop",
                "It can be resumed if it was not cancelled: see [[list-jobs]].");
  return {};
}

}  // namespace portalkey
