#include "sqlite/sqlite.h"

#include <fmt/format.h>

#include "base/files.h"

namespace portalkey {

Error sqlite_error(sqlite3* db, const std::filesystem::path& file, const StoreWords& words) {
  const int code = sqlite3_errcode(db);
  Error error;
  switch (code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: error = {Errc::corrupt, fmt::format("{} is damaged", words.name), words.damaged, {}}; break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
      error = {
          Errc::unavailable, fmt::format("{} cannot be written: the disk is full or fails", words.name), words.made_room, {}};
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error = {Errc::conflict,
               fmt::format("another process keeps {} busy", words.name),
               "Wait until it is done, and try again.",
               {}};
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      error = {Errc::forbidden,
               fmt::format("{} cannot be opened for writing", words.name),
               "Check the rights of the file and its folder.",
               {}};
      break;
    default: error = {Errc::internal, fmt::format("{} failed ({})", words.name, sqlite3_errstr(code)), "", {}};
  }
  error.context.emplace_back("file", file.string());
  return error;
}

Result<Sqlite> Sqlite::open(const std::filesystem::path& file, const StoreWords& words) {
  // SQLite opens by name whatever is there. In a folder that is ours alone nobody puts anything there meanwhile.
  if (auto ours = check_own_folder(file.parent_path()); !ours) return pass(ours);
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    if (auto fine = judge_file(file.string() + suffix, FileUse::secret, LastLink::kept); !fine) return pass(fine);
  }
  // SQLite would make it readable for all. One that is there is not opened: closing it would drop the locks of SQLite's own.
  if (const auto there = file_exists(file); there && !*there) (void)open_in_place(file);
  Sqlite out;
  out.file_ = file;
  out.words_ = words;
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  out.db_.reset(db);
  if (db == nullptr) throw std::bad_alloc();
  if (opened != SQLITE_OK) return std::unexpected(out.error());
  sqlite3_extended_result_codes(db, 0);
  sqlite3_busy_timeout(db, 5000);
  return out;
}

Result<void> Sqlite::run(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(error());
}

Query::Query(Sqlite& db, std::string_view sql) : db_(db) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);  // null: step() tells why
}

Query& Query::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), next_++, value);
  return *this;
}

Query& Query::bind(std::string_view text) {
  sqlite3_bind_text(statement_.get(), next_++, text.data() == nullptr ? "" : text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

Query& Query::bind_blob(std::string_view bytes) {
  sqlite3_bind_blob(statement_.get(), next_++, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
  return *this;
}

Query& Query::bind_null() {
  sqlite3_bind_null(statement_.get(), next_++);
  return *this;
}

Result<bool> Query::step() {
  const int code = statement_ ? sqlite3_step(statement_.get()) : SQLITE_ERROR;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(db_.error());
}

Result<void> Query::run() {
  for (;;) {
    auto more = step();
    if (!more) return pass(more);
    if (!*more) break;
  }
  reset();
  return {};
}

void Query::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  next_ = 1;
}

std::string_view Query::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

}  // namespace portalkey
