#pragma once
// The mirror's file: its tables, and opening it. Included by .cc files of the mirror only.

#include <array>
#include <memory>

#include "base/clock.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// One connection to it, which stays where it is: statements refer to it.
using MirrorDb = std::unique_ptr<Sqlite>;

/// Opens `folder`/mirror.db for the first time in this process: makes its tables; one that is damaged or has another layout is
/// moved aside.
Result<MirrorDb> prepare_mirror_db(const std::filesystem::path& folder, Clock& clock);
/// Another connection. `cache_kib`: the most memory that it keeps pages in.
Result<MirrorDb> connect_mirror_db(const std::filesystem::path& folder, int cache_kib);
/// Out of the way, with a line in the log. No connection may be open.
void move_mirror_db_aside(const std::filesystem::path& folder, Clock& clock, std::string_view why);

/// By which pages' marks are signed: of this file alone.
Result<std::string> mark_key(Sqlite& db);

/// Rolls back unless it was committed.
class MirrorTransaction {
 public:
  /// `begin`: BEGIN for reading, BEGIN IMMEDIATE for writing.
  static Result<MirrorTransaction> begin(Sqlite& db, const char* begin);
  MirrorTransaction(MirrorTransaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  MirrorTransaction& operator=(MirrorTransaction&&) = delete;
  ~MirrorTransaction() {
    if (db_ != nullptr) (void)db_->run("ROLLBACK");
  }
  Result<void> commit();

 private:
  explicit MirrorTransaction(Sqlite& db) : db_(&db) {}
  Sqlite* db_;
};

}  // namespace portalkey
