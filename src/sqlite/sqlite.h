#pragma once
// SQLite's C API behind values. Source: sqlite.org/c3ref. Included by .cc files of stores only.

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace portalkey {

struct SqliteClose {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct SqliteFinalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// What a file is, for messages; its texts must stay.
struct StoreWords {
  const char* name;       ///< `the journal of jobs`
  const char* damaged;    ///< what to do when its contents are lost
  const char* made_room;  ///< what to do when the disk is full or fails
};

/// What the last failure on `db` means for a person. Its own messages may quote values and are not shown.
Error sqlite_error(sqlite3* db, const std::filesystem::path& file, const StoreWords& words);

class Sqlite {
 public:
  /// Opens or makes the file (mode 0600). invalid_input: its folder is not ours alone, or another account may have a hand in
  /// one of SQLite's files.
  static Result<Sqlite> open(const std::filesystem::path& file, const StoreWords& words);
  Result<void> run(const std::string& sql);
  sqlite3* handle() const { return db_.get(); }
  const std::filesystem::path& file() const { return file_; }
  Error error() const { return sqlite_error(db_.get(), file_, words_); }

 private:
  std::unique_ptr<sqlite3, SqliteClose> db_;
  std::filesystem::path file_;
  StoreWords words_{};
};

/// One statement; bind in order, then step.
class Query {
 public:
  Query(Sqlite& db, std::string_view sql);
  Query& bind(std::int64_t value);
  Query& bind(std::string_view text);
  Query& bind_blob(std::string_view bytes);
  Query& bind_null();
  /// True: a row is there. False: done.
  Result<bool> step();
  /// Steps to the end, and makes the statement ready for the next values.
  Result<void> run();
  /// Makes it ready for the next values without going on to its end.
  void reset();
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  /// Bytes of text or blob; valid until the next step.
  std::string_view text(int column) const;
  bool null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

 private:
  Sqlite& db_;
  std::unique_ptr<sqlite3_stmt, SqliteFinalize> statement_;
  int next_ = 1;
};

}  // namespace portalkey
