#pragma once
// Journals as older versions of portalkey wrote them.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "jobs/store/sqlite/journal_layout.h"
#include "jobs/store/sqlite/journal_seal.h"
#include "sqlite/sqlite.h"

namespace portalkey {

inline constexpr std::string_view kOlderSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Layouts 1 to 3: secret keys sealed beside "JOB ROW", nothing else bound, and the bare key in the file. The job
/// `20251231-abcd` is open and has five rows: two that were not come to, with their keys, and one whose outcome is a number
/// with a sentence for each of these: not activated, refused for another reason, active.
inline void make_older_journal(const std::filesystem::path& folder, int version, bool with_key_file = true) {
  std::filesystem::create_directory(folder);
  auto db = Sqlite::open(folder / "jobs.db", kJournalWords);
  ASSERT_TRUE(db);
  const std::string key(32, 'k');
  ASSERT_TRUE(db->run(R"(
    CREATE TABLE job(id TEXT PRIMARY KEY, tenant TEXT NOT NULL, backend TEXT NOT NULL, file TEXT NOT NULL,
      activate INTEGER NOT NULL, state INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
    CREATE TABLE token(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, number INTEGER NOT NULL, line INTEGER NOT NULL,
      serial TEXT NOT NULL, upn TEXT NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, step INTEGER, hash INTEGER,
      digits INTEGER, seed BLOB, state INTEGER NOT NULL, good INTEGER NOT NULL, reason TEXT NOT NULL, remedy TEXT NOT NULL,
      settled INTEGER NOT NULL, PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE upload(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, name TEXT NOT NULL, done INTEGER NOT NULL,
      PRIMARY KEY(job, name)) STRICT, WITHOUT ROWID;
    INSERT INTO job VALUES('20251231-abcd', 'contoso.com', 'portal', 'seeds.csv', 1, 0, 1767139200, 1767139200);
    INSERT INTO upload VALUES('20251231-abcd', 'one.csv', 0);
    PRAGMA user_version = 1)"));
  const JournalSeal seal{Secret(key)};
  struct Row {
    bool with_key;
    int state, good;
    std::string_view reason;
    std::int64_t settled;
  };
  const Row rows[] = {{true, 9, 0, "", 0},
                      {true, 9, 0, "", 0},
                      {true, 10, 0, "uploaded, but not activated: the code was refused 3 times", 1767139260},
                      {true, 10, 0, "the service did not take this row and gives no reason", 1767139270},
                      {false, 0, 1, "", 1767139280}};
  Query insert(*db,
               "INSERT INTO token VALUES('20251231-abcd', ?, ?, ?, 'helga@contoso.com', '', '', 30, 0, 6, ?, ?, ?, ?, '', ?)");
  std::int64_t number = 0;
  for (const auto& row : rows) {
    insert.bind(number).bind(number + 2).bind(std::to_string(100 + number));
    if (row.with_key) {
      insert.bind_blob(seal.seal(Secret(kOlderSeed), fmt::format("20251231-abcd {}", number)));
    } else {
      insert.bind_null();
    }
    insert.bind(std::int64_t{row.state}).bind(std::int64_t{row.good}).bind(row.reason).bind(row.settled);
    ASSERT_TRUE(insert.run());
    ++number;
  }
  if (version >= 2) {
    ASSERT_TRUE(db->run(R"(
      CREATE TABLE activation(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
      CREATE INDEX activation_at ON activation(tenant, at);
      PRAGMA user_version = 2)"));
  }
  if (version >= 3) {
    ASSERT_TRUE(db->run(R"(
      ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'import';
      ALTER TABLE token ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE token ADD COLUMN taken_from TEXT NOT NULL DEFAULT '';
      ALTER TABLE token ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
      CREATE TABLE waiting(tenant TEXT NOT NULL, serial TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY(tenant, serial))
        STRICT, WITHOUT ROWID;
      PRAGMA user_version = 3)"));
  }
  if (with_key_file) {
    ASSERT_TRUE(write_file_atomically(folder / "jobs.key", key));
  }
}

/// Turns a journal of this version, none of whose rows has a code, into one of layout 4, whose marks are the same.
inline void make_layout_4(const std::filesystem::path& folder) {
  auto db = Sqlite::open(folder / "jobs.db", kJournalWords);
  ASSERT_TRUE(db);
  ASSERT_TRUE(db->run(R"(
    DROP TABLE lease;
    DROP INDEX job_by_age;
    ALTER TABLE upload RENAME TO upload5;
    ALTER TABLE token RENAME TO token5;
    ALTER TABLE job RENAME TO job5;
    CREATE TABLE job(id TEXT PRIMARY KEY, tenant TEXT NOT NULL, backend TEXT NOT NULL, file TEXT NOT NULL,
      activate INTEGER NOT NULL, state INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
      kind TEXT NOT NULL DEFAULT 'import', wish_mark BLOB, state_mark BLOB) STRICT;
    CREATE TABLE token(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, number INTEGER NOT NULL, line INTEGER NOT NULL,
      serial TEXT NOT NULL, upn TEXT NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, step INTEGER, hash INTEGER,
      digits INTEGER, seed BLOB, state INTEGER NOT NULL, good INTEGER NOT NULL, reason TEXT NOT NULL, remedy TEXT NOT NULL,
      settled INTEGER NOT NULL, change INTEGER NOT NULL DEFAULT 0, taken_from TEXT NOT NULL DEFAULT '',
      replaced_by TEXT NOT NULL DEFAULT '', has_key INTEGER NOT NULL DEFAULT 0, wish_mark BLOB, state_mark BLOB,
      PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE upload(job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, name TEXT NOT NULL, done INTEGER NOT NULL,
      mark BLOB, PRIMARY KEY(job, name)) STRICT, WITHOUT ROWID;
    CREATE TEMP TABLE number(of TEXT, name TEXT, value INTEGER);
    INSERT INTO number VALUES('job', 'open', 0), ('job', 'done', 1), ('job', 'cancelled', 2), ('job', 'planned', 3),
      ('hash', 'sha1', 0), ('hash', 'sha256', 1), ('hash', 'sha512', 2), ('change', 'create', 0), ('change', 'assign', 1),
      ('change', 'activate', 2), ('change', 'reassign', 3), ('change', 'unassign', 4), ('change', 'delete', 5),
      ('token', 'active', 0), ('token', 'already active', 1), ('token', 'uploaded', 2), ('token', 'already uploaded', 3),
      ('token', 'assigned', 4), ('token', 'unassigned', 5), ('token', 'removed', 6), ('token', 'would import', 7),
      ('token', 'rejected', 8), ('token', 'not done', 9), ('token', 'failed', 10);
    INSERT INTO job SELECT id, tenant, backend, file, activate,
      (SELECT value FROM number WHERE of = 'job' AND name = state), created, updated, kind, wish_mark, state_mark
      FROM job5 ORDER BY rowid;
    INSERT INTO token SELECT job, number, line, serial, upn, manufacturer, model, step,
      (SELECT value FROM number WHERE of = 'hash' AND name = hash), digits, seed,
      (SELECT value FROM number WHERE of = 'token' AND name = state), good, reason, remedy, settled,
      (SELECT value FROM number WHERE of = 'change' AND name = change), taken_from, replaced_by, has_key, wish_mark, state_mark
      FROM token5;
    INSERT INTO upload SELECT job, name, done, mark FROM upload5;
    DROP TABLE upload5;
    DROP TABLE token5;
    DROP TABLE job5;
    PRAGMA user_version = 4)"));
}

}  // namespace portalkey
