#include "jobs/run/lease_keeper.h"

#include <utility>

#include "base/tasks.h"

namespace portalkey {
namespace {

constexpr std::chrono::milliseconds kFlush{200};
/// Two may be missed.
constexpr auto kBeat = kLeaseTime / 4;

}  // namespace

LeaseKeeper::LeaseKeeper(JobStore* store, Lease lease, Clock& clock, std::stop_token stop)
    : store_(store), lease_(std::move(lease)), clock_(clock), last_beat_(clock.steady_now()), outer_(std::move(stop), [this] {
        source_.request_stop();
      }) {}

Result<void> LeaseKeeper::flush() {
  if (failed_) return std::unexpected(*failed_);
  return noted(flush_and_beat());
}

Result<void> LeaseKeeper::noted(Result<void> done) {
  if (!done && !failed_) {
    failed_ = done.error();
    source_.request_stop();
  }
  return done;
}

Result<void> LeaseKeeper::flush_and_beat() {
  if (store_ == nullptr) return {};
  if (auto done = store_->flush(lease_); !done) return done;
  if (clock_.steady_now() - last_beat_ < kBeat) return {};
  last_beat_ = clock_.steady_now();
  auto asked = store_->heartbeat(lease_);
  if (!asked) return pass(asked);
  if (*asked) return fail(Errc::cancelled, "another process asked this job to stop", "It can be resumed.");
  return {};
}

Result<void> LeaseKeeper::keep(const bool& over) {
  while (!over) {
    Tasks::here()->wait(clock_.steady_now() + kFlush, {}, [&] { return over; });
    if (auto done = flush(); !done) return done;
  }
  return {};
}

}  // namespace portalkey
