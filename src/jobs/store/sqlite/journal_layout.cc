#include "jobs/store/sqlite/journal_layout.h"

#include <fmt/format.h>

#include <functional>
#include <vector>

#include "base/foreign_text.h"
#include "jobs/store/sqlite/older_reasons.h"

namespace portalkey {
namespace {

constexpr const char* kVersion1 = R"(
CREATE TABLE job(id TEXT PRIMARY KEY, tenant TEXT NOT NULL, backend TEXT NOT NULL, file TEXT NOT NULL, activate INTEGER NOT NULL,
  state INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
CREATE TABLE token(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, number INTEGER NOT NULL, line INTEGER NOT NULL,
  serial TEXT NOT NULL, upn TEXT NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, step INTEGER, hash INTEGER,
  digits INTEGER, seed BLOB, state INTEGER NOT NULL, good INTEGER NOT NULL, reason TEXT NOT NULL, remedy TEXT NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
CREATE TABLE upload(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, name TEXT NOT NULL, done INTEGER NOT NULL,
  PRIMARY KEY(job, name)) STRICT, WITHOUT ROWID;
)";
constexpr const char* kVersion2 = R"(
CREATE TABLE activation(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX activation_at ON activation(tenant, at);
)";
constexpr const char* kVersion3 = R"(
ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'import';
ALTER TABLE token ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN taken_from TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
CREATE TABLE waiting(tenant TEXT NOT NULL, serial TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY(tenant, serial))
  STRICT, WITHOUT ROWID;
)";
/// Rows are bound (job_rows.h). Those that were there get their marks when the journal's key is first read (take_over.h).
constexpr const char* kVersion4 = R"(
ALTER TABLE job ADD COLUMN wish_mark BLOB;
ALTER TABLE job ADD COLUMN state_mark BLOB;
ALTER TABLE token ADD COLUMN has_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN wish_mark BLOB;
ALTER TABLE token ADD COLUMN state_mark BLOB;
ALTER TABLE upload ADD COLUMN mark BLOB;
)";
/// Names instead of numbers, a code beside each reason, leases. A number that none was becomes a name that none is.
constexpr const char* kVersion5 = R"(
ALTER TABLE upload RENAME TO upload4;
ALTER TABLE token RENAME TO token4;
ALTER TABLE job RENAME TO job4;
CREATE TABLE job(id TEXT PRIMARY KEY, tenant TEXT NOT NULL, backend TEXT NOT NULL, file TEXT NOT NULL, activate INTEGER NOT NULL,
  state TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, kind TEXT NOT NULL, wish_mark BLOB,
  state_mark BLOB) STRICT;
CREATE INDEX job_by_age ON job(created);
CREATE TABLE token(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, number INTEGER NOT NULL, line INTEGER NOT NULL,
  serial TEXT NOT NULL, upn TEXT NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, step INTEGER, hash TEXT,
  digits INTEGER, seed BLOB, state TEXT NOT NULL, good INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  remedy TEXT NOT NULL, settled INTEGER NOT NULL, change TEXT NOT NULL, taken_from TEXT NOT NULL, replaced_by TEXT NOT NULL,
  has_key INTEGER NOT NULL, wish_mark BLOB, state_mark BLOB,
  PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
CREATE TABLE upload(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, name TEXT NOT NULL, done INTEGER NOT NULL, mark BLOB,
  PRIMARY KEY(job, name)) STRICT, WITHOUT ROWID;
CREATE TABLE lease(job TEXT PRIMARY KEY REFERENCES job ON DELETE CASCADE, fence INTEGER NOT NULL, until INTEGER NOT NULL,
  stop INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO job SELECT id, tenant, backend, file, activate,
  CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'done' WHEN 2 THEN 'cancelled' WHEN 3 THEN 'planned' ELSE 'number ' || state END,
  created, updated, kind, wish_mark, state_mark FROM job4 ORDER BY rowid;
INSERT INTO token SELECT job, number, line, serial, upn, manufacturer, model, step,
  CASE hash WHEN 0 THEN 'sha1' WHEN 1 THEN 'sha256' WHEN 2 THEN 'sha512' ELSE 'number ' || hash END,
  digits, seed,
  CASE state WHEN 0 THEN 'active' WHEN 1 THEN 'already active' WHEN 2 THEN 'uploaded' WHEN 3 THEN 'already uploaded'
    WHEN 4 THEN 'assigned' WHEN 5 THEN 'unassigned' WHEN 6 THEN 'removed' WHEN 7 THEN 'would import' WHEN 8 THEN 'rejected'
    WHEN 9 THEN 'not done' WHEN 10 THEN 'failed' ELSE 'number ' || state END,
  good, '', reason, remedy, settled,
  CASE change WHEN 0 THEN 'create' WHEN 1 THEN 'assign' WHEN 2 THEN 'activate' WHEN 3 THEN 'reassign' WHEN 4 THEN 'unassign'
    WHEN 5 THEN 'delete' ELSE 'number ' || change END,
  taken_from, replaced_by, has_key, wish_mark, state_mark FROM token4;
INSERT INTO upload SELECT job, name, done, mark FROM upload4;
DROP TABLE upload4;
DROP TABLE token4;
DROP TABLE job4;
)";

/// What a job did to a token and can take back: of older jobs it is not known.
constexpr const char* kDeeds = "ALTER TABLE token ADD COLUMN did TEXT NOT NULL DEFAULT ''";

/// What is known of a device's clock: seconds ahead, and when that was seen (Unix time; 0: not known).
constexpr const char* kClocks = R"(
ALTER TABLE token ADD COLUMN ahead INTEGER;
ALTER TABLE token ADD COLUMN ahead_seen INTEGER;
)";

/// Who began a job, and what a job that waits for its turn was allowed.
constexpr const char* kCallers = R"(
ALTER TABLE job ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN begun_by TEXT NOT NULL DEFAULT '';
)";

constexpr std::size_t kNames = 5;

using Step = std::function<Result<void>(Sqlite&)>;

Step sql(const char* text) {
  return [text](Sqlite& db) { return db.run(text); };
}

/// Step n makes version n of n - 1: a change of the layout, or of what is in it, is a new one at the end.
const std::vector<Step>& steps() {
  static const std::vector<Step> all{sql(kVersion1),
                                     sql(kVersion2),
                                     sql(kVersion3),
                                     sql(kVersion4),
                                     [](Sqlite& db) {
                                       auto made = db.run(kVersion5);
                                       return made ? add_codes(db) : made;
                                     },
                                     sql(kDeeds),
                                     sql(kClocks),
                                     sql(kCallers)};
  return all;
}

Result<std::size_t> version_of(Sqlite& db) {
  Query query(db, "PRAGMA user_version");
  auto read = query.step();
  if (!read) return pass(read);
  return static_cast<std::size_t>(query.number(0));
}

/// Layouts before 5 have numbers for a job's state: 0 is open, 3 a saved plan.
Result<void> nobody_at_work(Sqlite& db, const std::function<bool(const std::string&)>& at_work) {
  Query query(db, "SELECT id FROM job WHERE state IN (0, 3)");
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return {};
    const std::string id(query.text(0));
    if (!at_work(id)) continue;
    return std::unexpected(Error{Errc::conflict,
                                 fmt::format("an older portalkey does the job {} of this journal, which a newer one must not "
                                             "bring up to date meanwhile",
                                             foreign_id(id)),
                                 "Wait until it is done, or end it.",
                                 {{"file", db.file().string()}}});
  }
}

}  // namespace

Result<void> bring_up_to_date(Sqlite& db, const std::function<bool(const std::string&)>& at_work) {
  const auto version = version_of(db);
  if (!version) return std::unexpected(version.error());
  const std::size_t newest = steps().size();
  if (*version > newest) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the journal of jobs was written by a newer portalkey (version {} of its layout, "
                                             "this one knows {})",
                                             *version, newest),
                                 "Use that newer portalkey.",
                                 {{"file", db.file().string()}}});
  }
  if (*version > 0 && *version < kNames) {
    if (auto idle = nobody_at_work(db, at_work); !idle) return idle;
  }
  for (std::size_t step = *version; step < newest; ++step) {
    if (auto made = steps()[step](db); !made) return made;
  }
  if (*version == newest) return {};
  return db.run(fmt::format("PRAGMA user_version={}", newest));
}

}  // namespace portalkey
