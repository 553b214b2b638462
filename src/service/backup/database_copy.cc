#include "service/backup/database_copy.h"

#include <memory>
#include <new>

#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr StoreWords kCopied{"a database that is to be backed up", "Restore it from an earlier backup.", "Repair the disk."};

struct FreeSqlite {
  void operator()(unsigned char* bytes) const { sqlite3_free(bytes); }
};

}  // namespace

Result<Secret> copy_database(const std::filesystem::path& file) {
  auto db = Sqlite::open(file, kCopied);
  if (!db) return pass(db);
  sqlite3* opened = nullptr;
  if (sqlite3_open(":memory:", &opened) != SQLITE_OK) throw std::bad_alloc();
  const std::unique_ptr<sqlite3, SqliteClose> copy(opened);
  auto* const backup = sqlite3_backup_init(opened, "main", db->handle(), "main");
  if (backup == nullptr) return std::unexpected(sqlite_error(opened, file, kCopied));
  sqlite3_backup_step(backup, -1);  // all at once: a write in between would begin it anew
  if (sqlite3_backup_finish(backup) != SQLITE_OK) return std::unexpected(sqlite_error(opened, file, kCopied));
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, FreeSqlite> bytes(sqlite3_serialize(opened, "main", &size, 0));
  if (size <= 0) return Secret();  // a file in which nothing is yet
  if (bytes == nullptr) throw std::bad_alloc();
  return Secret(std::string_view(reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)));
}

}  // namespace portalkey
