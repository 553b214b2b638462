#include "jobs/store/sqlite/tenant_pace.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/file_lock.h"
#include "base/files.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kOpenPatience{60};

std::int64_t in_milliseconds(WallTime time) { return std::chrono::floor<milliseconds>(time).time_since_epoch().count(); }

class TenantPace final : public ActivationPace {
 public:
  TenantPace(Sqlite db, std::string tenant, ActivationLimit limit, Clock& clock)
      : db_(std::move(db)), tenant_(std::move(tenant)), limit_(limit), clock_(clock) {}

  const ActivationLimit& limit() const override { return limit_; }

  Result<milliseconds> take() override {
    if (limit_.count == 0) return milliseconds(0);
    if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) return pass(begun);
    auto taken = take_in_transaction();
    auto done = db_.run(taken ? "COMMIT" : "ROLLBACK");
    if (taken && !done) return pass(done);
    return taken;
  }

  Result<void> answered() override {
    if (limit_.count == 0) return {};
    const auto id = taken_.front().id;
    taken_.pop_front();
    return touch(id, in_milliseconds(clock_.now()));
  }

  std::chrono::seconds least_time(std::size_t count) override {
    SlidingWindow window(limit_);
    if (limit_.count == 0) return window.least_time(count, clock_.steady_now());
    const auto now = in_milliseconds(clock_.now());
    const auto steady = clock_.steady_now();
    Query moments(db_, "SELECT at FROM activation WHERE tenant=? AND at>? AND at<=? ORDER BY at");
    moments.bind(tenant_).bind(now - milliseconds(limit_.window).count()).bind(now);
    for (auto more = moments.step(); more && *more; more = moments.step()) {
      window.add(steady - milliseconds(now - moments.number(0)));
    }
    return window.least_time(count, steady);
  }

 private:
  Result<milliseconds> take_in_transaction() {
    const auto now = in_milliseconds(clock_.now());
    const auto window = milliseconds(limit_.window).count();
    // What waits for its answer may be counted by the service at any moment.
    while (!taken_.empty() && taken_.front().at + window / 2 <= now) {
      const auto id = taken_.front().id;
      taken_.pop_front();
      taken_.push_back({id, now});
      if (auto done = touch(id, now); !done) return pass(done);
    }
    // Moments in the future are of a clock that was set back since: they tell nothing.
    Query old(db_, "DELETE FROM activation WHERE tenant=? AND (at<=? OR at>?)");
    old.bind(tenant_).bind(now - window).bind(now);
    if (auto done = old.run(); !done) return pass(done);
    Query oldest(db_, "SELECT at FROM activation WHERE tenant=? ORDER BY at DESC LIMIT 1 OFFSET ?");
    oldest.bind(tenant_).bind(static_cast<std::int64_t>(limit_.count) - 1);
    auto full = oldest.step();
    if (!full) return pass(full);
    if (*full) return milliseconds(std::max<std::int64_t>(oldest.number(0) + window - now, 1));
    Query insert(db_, "INSERT INTO activation(tenant, at) VALUES(?,?) RETURNING id");
    insert.bind(tenant_).bind(now);
    auto there = insert.step();
    if (!there) return pass(there);
    taken_.push_back({insert.number(0), now});
    return milliseconds(0);
  }

  Result<void> touch(std::int64_t id, std::int64_t at) {
    Query update(db_, "INSERT OR REPLACE INTO activation(id, tenant, at) VALUES(?,?,?)");
    update.bind(id).bind(tenant_).bind(at);
    return update.run();
  }

  struct Taken {
    std::int64_t id, at;
  };

  Sqlite db_;
  std::string tenant_;
  ActivationLimit limit_;
  Clock& clock_;
  std::deque<Taken> taken_;  // whose answers are not there: any of them will do
};

}  // namespace

Result<std::unique_ptr<ActivationPace>> open_tenant_pace(const std::filesystem::path& folder, std::string tenant,
                                                         ActivationLimit limit, Clock& clock) {
  if (auto made = make_private_folder(folder); !made) return pass(made);
  // Several that open a new file at once: SQLite does not wait for who turns it into WAL mode.
  auto lock = FileLock::take(folder / "activations.lock", kOpenPatience, clock, {});
  if (!lock) return pass(lock);
  auto db = Sqlite::open(folder / "activations.db", kJournalWords);
  if (!db) return pass(db);
  // A process that is killed loses nothing; what a power failure loses, the service's own limit answers.
  for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
                          "CREATE TABLE IF NOT EXISTS activation(id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, "
                          "at INTEGER NOT NULL) STRICT",
                          "CREATE INDEX IF NOT EXISTS activation_at ON activation(tenant, at)"}) {
    if (auto done = db->run(sql); !done) return pass(done);
  }
  return std::make_unique<TenantPace>(std::move(*db), std::move(tenant), limit, clock);
}

}  // namespace portalkey
