#include "service/mirror/mirror_layout.h"

#include <fmt/format.h>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/log.h"

namespace portalkey {
namespace {

constexpr int kMirrorVersion = 3;
constexpr std::chrono::seconds kMirrorPatience{30};
constexpr int kFirstCacheKib = 2048;

constexpr StoreWords kMirrorWords{.name = "the copy of the tenants' tokens",
                                  .damaged = "Restart the service: it reads the tenants anew.",
                                  .made_room = "Make room, then try again."};

/// A kind is what many tokens have in common, and how many: every order and filter but those by serial number and user is a
/// choice among the few kinds, and every page a merge of their ranges. `sl` and `ul`: serial_key() and account_of(). Of the
/// rows of `tenant` with one name, one is shown; others are generations that are being written, or are no longer of use.
constexpr const char* kMirrorTables = R"(
CREATE TABLE about(mark_key BLOB NOT NULL) STRICT;
CREATE TABLE tenant(id INTEGER PRIMARY KEY, name TEXT NOT NULL, shown INTEGER NOT NULL, as_of INTEGER) STRICT;
CREATE UNIQUE INDEX tenant_shown ON tenant(name) WHERE shown = 1;
CREATE TABLE kind(id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, state INTEGER NOT NULL, nobodys INTEGER NOT NULL,
  step INTEGER NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, tokens INTEGER NOT NULL DEFAULT 0,
  UNIQUE(tenant, state, nobodys, step, manufacturer, model)) STRICT;
CREATE TABLE token(id INTEGER PRIMARY KEY AUTOINCREMENT, tenant INTEGER NOT NULL, kind INTEGER NOT NULL, sl TEXT NOT NULL,
  oath_id TEXT NOT NULL, ul TEXT NOT NULL, serial TEXT NOT NULL, upn TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL,
  last_used INTEGER) STRICT;
CREATE UNIQUE INDEX token_same ON token(tenant, sl, oath_id);
CREATE INDEX token_serial ON token(kind, sl, oath_id, ul);
CREATE INDEX token_owner ON token(kind, ul, sl, oath_id);
CREATE INDEX token_without_id ON token(tenant, sl) WHERE oath_id = '';
CREATE VIRTUAL TABLE serial_part USING fts5(sl, content='token', content_rowid='id', tokenize='trigram', columnsize=0);
CREATE TRIGGER token_comes AFTER INSERT ON token BEGIN
  UPDATE kind SET tokens = tokens + 1 WHERE id = new.kind;
END;
CREATE TRIGGER token_goes AFTER DELETE ON token BEGIN
  UPDATE kind SET tokens = tokens - 1 WHERE id = old.kind;
END;
CREATE TRIGGER token_changes AFTER UPDATE OF kind ON token WHEN new.kind <> old.kind BEGIN
  UPDATE kind SET tokens = tokens - 1 WHERE id = old.kind;
  UPDATE kind SET tokens = tokens + 1 WHERE id = new.kind;
END;
CREATE TABLE untold(id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, sl TEXT NOT NULL, what INTEGER NOT NULL,
  from_upn TEXT NOT NULL, serial TEXT NOT NULL, oath_id TEXT NOT NULL, upn TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL,
  manufacturer TEXT NOT NULL, model TEXT NOT NULL, step INTEGER NOT NULL, active INTEGER NOT NULL, last_used INTEGER) STRICT;
CREATE INDEX untold_same ON untold(tenant, sl);
INSERT INTO about VALUES(randomblob(32));
)";

std::filesystem::path mirror_file(const std::filesystem::path& folder) { return folder / "mirror.db"; }

Result<std::int64_t> mirror_version(Sqlite& db) {
  Query asked(db, "PRAGMA user_version");
  auto there = asked.step();
  if (!there) return pass(there);
  return asked.number(0);
}

/// True: it has the tables. False: it is of no use.
Result<bool> has_tables(Sqlite& db) {
  if (auto wal = db.run("PRAGMA journal_mode=WAL"); !wal) return pass(wal);
  const auto version = mirror_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version == kMirrorVersion) {
    auto read = db.run("SELECT count(*) FROM kind; SELECT count(*) FROM tenant; SELECT min(id), max(id) FROM token");
    if (!read) return pass(read);
    return true;
  }
  if (*version != 0) return false;
  auto made = db.run(fmt::format("BEGIN IMMEDIATE;{}PRAGMA user_version={};COMMIT;", kMirrorTables, kMirrorVersion));
  if (!made) return pass(made);
  return true;
}

}  // namespace

Result<MirrorDb> connect_mirror_db(const std::filesystem::path& folder, int cache_kib) {
  auto opened = Sqlite::open(mirror_file(folder), kMirrorWords);
  if (!opened) return pass(opened);
  auto db = std::make_unique<Sqlite>(std::move(*opened));
  auto set =
      db->run(fmt::format("PRAGMA synchronous=NORMAL; PRAGMA cache_size=-{}; PRAGMA journal_size_limit=67108864; "
                          "PRAGMA secure_delete=OFF; PRAGMA recursive_triggers=OFF",
                          cache_kib));
  if (!set) return pass(set);
  return db;
}

Result<MirrorDb> prepare_mirror_db(const std::filesystem::path& folder, Clock& clock) {
  if (auto made = make_private_folder(folder); !made) return pass(made);
  // Several that open a new file at once: SQLite does not wait for who turns it into WAL mode.
  auto lock = FileLock::take(folder / "mirror.lock", kMirrorPatience, clock, {});
  if (!lock) return pass(lock);
  for (bool again = false;; again = true) {
    auto db = connect_mirror_db(folder, kFirstCacheKib);
    Result<bool> good = db ? has_tables(**db) : Result<bool>(std::unexpected(db.error()));
    if (good && *good) return db;
    if (again || (!good && good.error().code != Errc::corrupt))
      return good ? fail(Errc::internal, "the copy of the tenants' tokens cannot be begun anew")
                  : std::unexpected(good.error());
    if (db) db->reset();
    move_mirror_db_aside(folder, clock, good ? "has another version's layout" : "is damaged");
  }
}

void move_mirror_db_aside(const std::filesystem::path& folder, Clock& clock, std::string_view why) {
  const auto file = mirror_file(folder).string();
  const auto aside = fmt::format("{}.{}", file, unix_seconds(clock.now()));
  std::error_code failed;
  std::filesystem::rename(file, aside, failed);
  for (const char* suffix : {"-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(file + suffix, ignored);
  }
  log(LogLevel::warning, failed ? fmt::format("{} {} and cannot be moved aside: {}", file, why, failed.message())
                                : fmt::format("{} {}: it is now {}, and the tenants are read anew", file, why, aside));
}

Result<std::string> mark_key(Sqlite& db) {
  Query query(db, "SELECT mark_key FROM about");
  auto found = query.step();
  if (!found) return pass(found);
  if (!*found || query.text(0).size() != 32) return fail(Errc::corrupt, "the copy of the tenants' tokens is damaged");
  return std::string(query.text(0));
}

Result<MirrorTransaction> MirrorTransaction::begin(Sqlite& db, const char* begin) {
  if (auto begun = db.run(begin); !begun) return pass(begun);
  return MirrorTransaction(db);
}

Result<void> MirrorTransaction::commit() {
  auto done = db_->run("COMMIT");
  if (done) db_ = nullptr;
  return done;
}

}  // namespace portalkey
