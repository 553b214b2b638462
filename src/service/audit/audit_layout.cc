#include "service/audit/audit_layout.h"

#include <fmt/format.h>

#include "base/random.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

constexpr std::int64_t kVersion = 1;

/// What is empty is NULL, so that the indexes hold only rows that are looked for by them. Numbers have no gap, so a time is
/// found by halving; `step_back` has the numbers at which the clock had been set back, between which times only grow.
constexpr const char* kTables = R"(
CREATE TABLE trail(id TEXT NOT NULL, made INTEGER NOT NULL) STRICT;
CREATE TABLE entry(number INTEGER PRIMARY KEY, time INTEGER NOT NULL, action TEXT, caller_kind TEXT, caller_id TEXT,
  caller_name TEXT, peer TEXT, tenant TEXT, serial TEXT COLLATE NOCASE, upn TEXT COLLATE NOCASE, job TEXT, outcome TEXT,
  correlation TEXT, detail TEXT, hash BLOB NOT NULL) STRICT;
CREATE INDEX entry_serial ON entry(serial) WHERE serial IS NOT NULL;
CREATE INDEX entry_upn ON entry(upn) WHERE upn IS NOT NULL;
CREATE INDEX entry_job ON entry(job) WHERE job IS NOT NULL;
CREATE INDEX entry_caller_id ON entry(caller_id) WHERE caller_id IS NOT NULL;
CREATE INDEX entry_caller_name ON entry(caller_name) WHERE caller_name IS NOT NULL;
CREATE INDEX entry_action ON entry(action) WHERE action IS NOT NULL;
CREATE INDEX entry_tenant ON entry(tenant) WHERE tenant IS NOT NULL;
CREATE TABLE step_back(number INTEGER PRIMARY KEY) STRICT;
CREATE TABLE pruned(through INTEGER NOT NULL, hash BLOB NOT NULL, stub TEXT NOT NULL) STRICT;
CREATE TABLE checkpoint(seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
CREATE TABLE sent(sender TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)";

Result<std::int64_t> audit_version(Sqlite& db) {
  Query query(db, "PRAGMA user_version");
  auto read = query.step();
  if (!read) return pass(read);
  return query.number(0);
}

Result<void> make_tables(Sqlite& db, Clock& clock) {
  const auto version = audit_version(db);  // by now another process may have made them
  if (!version) return std::unexpected(version.error());
  if (*version >= kVersion) return {};
  if (auto made = db.run(kTables); !made) return made;
  Query begin(db, "INSERT INTO trail VALUES(?, ?)");
  begin.bind(Random().guid()).bind(unix_milliseconds(clock.now()));
  if (auto begun = begin.run(); !begun) return begun;
  return db.run(fmt::format("PRAGMA user_version={}", kVersion));
}

}  // namespace

Result<void> prepare_audit_layout(Sqlite& db, Clock& clock) {
  const auto version = audit_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version > kVersion) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the audit trail was written by a newer portalkey (version {} of its layout, this "
                                             "one knows {})",
                                             *version, kVersion),
                                 "Use that newer portalkey.",
                                 {{"file", db.file().string()}}});
  }
  if (*version == kVersion) return {};
  // Pages of what is pruned go back to the disk.
  if (auto set = db.run("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL"); !set) return set;
  if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun;
  auto done = make_tables(db, clock);
  if (done) done = db.run("COMMIT");
  if (!done) [[maybe_unused]]
    const auto undone = db.run("ROLLBACK");
  return done;
}

Result<void> set_up_audit_connection(Sqlite& db) {
  // In WAL, only FULL has each commit on the disk before it returns. What is pruned is overwritten.
  return db.run("PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST; PRAGMA journal_size_limit=16777216");
}

}  // namespace portalkey
