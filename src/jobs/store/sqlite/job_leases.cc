#include "jobs/store/sqlite/job_leases.h"

#include <fmt/format.h>

#include <utility>

#include "jobs/store/lease_lost.h"

namespace portalkey {
namespace {

using std::chrono::milliseconds;

/// Who only looks whether a job runs has its lock file for a moment.
constexpr milliseconds kPatience{200};

std::int64_t in_milliseconds(WallTime time) { return std::chrono::floor<milliseconds>(time).time_since_epoch().count(); }

}  // namespace

/// Whether its lease has not run out.
Result<bool> JobLeases::runs(const std::string& job) {
  Query query(db_, "SELECT until FROM lease WHERE job=?");
  query.bind(job);
  auto there = query.step();
  if (!there) return pass(there);
  return *there && query.number(0) > in_milliseconds(clock_.now());
}

bool JobLeases::held(const std::string& job) {
  if (locks_.contains(job)) {
    const auto leased = runs(job);
    return leased && *leased;
  }
  return locked(folder_, job, clock_);
}

bool JobLeases::locked(const std::filesystem::path& folder, const std::string& job, Clock& clock) {
  std::error_code ignored;
  const auto file = lock_file(folder, job);
  if (!std::filesystem::exists(file, ignored)) return false;
  const auto lock = FileLock::take(file, milliseconds(0), clock, {});
  return !lock && lock.error().code == Errc::conflict;
}

Result<Lease> JobLeases::claim(const std::string& job) {
  // Whoever has the lock is a process of this machine that lives, were it one of an earlier version or one that is stopped: its
  // lease may have run out, its work has not.
  auto lock = FileLock::take(lock_file(folder_, job), kPatience, clock_, {});
  if (!lock && lock.error().code != Errc::conflict) return pass(lock);
  if (!lock)
    return fail(Errc::conflict, fmt::format("another process runs the job {}", job), "Wait until it is done, or end it.");
  Query query(db_,
              "INSERT INTO lease(job, fence, until, stop) VALUES(?1, 1, ?2, 0) ON CONFLICT(job) DO UPDATE SET "
              "fence=fence+1, until=?2, stop=0 RETURNING fence");
  query.bind(job).bind(in_milliseconds(clock_.now() + kLeaseTime));
  auto there = query.step();
  if (!there) return pass(there);
  Lease lease{job, query.number(0)};
  if (auto done = query.run(); !done) return pass(done);
  locks_.insert_or_assign(job, std::move(*lock));
  return lease;
}

Result<void> JobLeases::check(const Lease& lease) {
  Query query(db_, "SELECT 1 FROM lease WHERE job=? AND fence=?");
  query.bind(lease.job).bind(lease.fence);
  auto there = query.step();
  if (!there) return pass(there);
  if (!*there) return std::unexpected(lease_lost(lease.job));
  return {};
}

Result<bool> JobLeases::heartbeat(const Lease& lease) {
  Query query(db_, "UPDATE lease SET until=? WHERE job=? AND fence=? RETURNING stop");
  query.bind(in_milliseconds(clock_.now() + kLeaseTime)).bind(lease.job).bind(lease.fence);
  auto there = query.step();
  if (!there) return pass(there);
  if (!*there) return std::unexpected(lease_lost(lease.job));
  const bool stop = query.number(0) != 0;
  if (auto done = query.run(); !done) return pass(done);
  return stop;
}

Result<void> JobLeases::release(const Lease& lease) {
  Query query(db_, "UPDATE lease SET until=0, stop=0 WHERE job=? AND fence=?");
  query.bind(lease.job).bind(lease.fence);
  return query.run();
}

Result<bool> JobLeases::ask_to_stop(const std::string& job) {
  if (!held(job)) return false;
  Query query(db_, "UPDATE lease SET stop=1 WHERE job=?");
  query.bind(job);
  if (auto done = query.run(); !done) return pass(done);
  return true;
}

void JobLeases::remove_lock_file(const std::string& job) {
  std::error_code ignored;
  std::filesystem::remove(lock_file(folder_, job), ignored);
  unlock(job);
}

}  // namespace portalkey
