#include "service/callers/callers_db.h"

#include <fmt/format.h>

#include "base/file_lock.h"
#include "base/files.h"

namespace portalkey {
namespace {

constexpr std::chrono::seconds kCallersPatience{30};
constexpr int kCallersVersion = 1;

constexpr StoreWords kCallersWords{
    .name = "the list of callers",
    .damaged = "Restore it from a backup, or move the file away and make new API keys: those of the old file are gone with it.",
    .made_room = "Make room, then try again."};

constexpr const char* kCallersLayout = R"(
CREATE TABLE api_key(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, hash BLOB NOT NULL,
  rights TEXT NOT NULL, limits TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked INTEGER,
  last_used INTEGER) STRICT;
CREATE TABLE token_use(caller TEXT NOT NULL, hour INTEGER NOT NULL, tokens INTEGER NOT NULL, PRIMARY KEY(caller, hour))
  STRICT, WITHOUT ROWID;
PRAGMA user_version=1;
)";

/// Under the lock.
Result<void> lay_out(Sqlite& db) {
  if (auto wal = db.run("PRAGMA journal_mode=WAL"); !wal) return wal;
  Query asked(db, "PRAGMA user_version");
  auto there = asked.step();
  if (!there) return pass(there);
  const auto version = asked.number(0);
  asked.reset();
  if (version == kCallersVersion) return {};
  if (version != 0)
    return std::unexpected(Error{Errc::invalid_input,
                                 "a newer version of portalkey made the list of callers",
                                 "Use that version.",
                                 {{"file", db.file().string()}}});
  return db.run(fmt::format("BEGIN IMMEDIATE;{}COMMIT;", kCallersLayout));
}

}  // namespace

Result<Sqlite> open_callers_db(const std::filesystem::path& folder, Durability durability, Clock& clock) {
  if (auto made = make_private_folder(folder); !made) return pass(made);
  // Several that open a new file at once: SQLite does not wait for who turns it into WAL mode.
  auto lock = FileLock::take(folder / "callers.lock", kCallersPatience, clock, {});
  if (!lock) return pass(lock);
  auto db = Sqlite::open(folder / "callers.db", kCallersWords);
  if (!db) return pass(db);
  if (auto done = lay_out(*db); !done) return pass(done);
  const char* synchronous = durability == Durability::each_commit ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
  if (auto done = db->run(synchronous); !done) return pass(done);
  return db;
}

}  // namespace portalkey
