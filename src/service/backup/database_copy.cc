#include "service/backup/database_copy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <new>
#include <vector>

#include "base/new_file.h"
#include "base/system_error.h"
#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr StoreWords kCopied{"a database that is to be backed up", "Restore it from an earlier backup.",
                             "Make room on the disk."};
constexpr std::size_t kCopiedAtOnce = 1 << 20;

Result<std::uint64_t> one_size(Sqlite& db, const char* sql) {
  Query query(db, sql);
  auto there = query.step();
  if (!there) return pass(there);
  return *there ? static_cast<std::uint64_t>(query.number(0)) : 0;
}

struct Nameless {
  Descriptor fd;
  std::unique_ptr<sqlite3, SqliteClose> db;
};

/// SQLite opens files by name only: the name goes as soon as it has.
Result<Nameless> nameless_database(const std::filesystem::path& beside) {
  auto name = (beside.parent_path() / (temporary_prefix(beside.filename().string()) + "XXXXXX")).string();
  Nameless out;
  out.fd = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (!out.fd.open()) return system_error("cannot make a copy of", beside);
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  out.db.reset(opened);
  ::unlink(name.c_str());
  if (opened == nullptr) throw std::bad_alloc();
  const bool set = code == SQLITE_OK && sqlite3_exec(opened, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr,
                                                     nullptr, nullptr) == SQLITE_OK;
  if (!set) return std::unexpected(sqlite_error(opened, beside, kCopied));
  return out;
}

Result<Descriptor> copied_to_disk(Sqlite& db) {
  auto copy = nameless_database(db.file());
  if (!copy) return pass(copy);
  auto* const backup = sqlite3_backup_init(copy->db.get(), "main", db.handle(), "main");
  if (backup == nullptr) return std::unexpected(sqlite_error(copy->db.get(), db.file(), kCopied));
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) return std::unexpected(sqlite_error(copy->db.get(), db.file(), kCopied));
  return std::move(copy->fd);
}

}  // namespace

void DatabaseCopy::Free::operator()(unsigned char* bytes) const { sqlite3_free(bytes); }

Result<DatabaseCopy> DatabaseCopy::take(const std::filesystem::path& file, std::uint64_t most_in_memory) {
  auto db = Sqlite::open(file, kCopied);
  if (!db) return pass(db);
  // What is read first in a transaction decides what all the rest of it sees.
  if (auto begun = db->run("BEGIN"); !begun) return pass(begun);
  auto pages = one_size(*db, "PRAGMA page_count"), page = one_size(*db, "PRAGMA page_size");
  if (!pages) return pass(pages);
  if (!page) return pass(page);
  DatabaseCopy out;
  out.file_ = file;
  out.size_ = *pages * *page;
  if (out.size_ == 0) return out;  // a file in which nothing is yet
  if (out.size_ > most_in_memory) {
    auto copied = copied_to_disk(*db);
    if (!copied) return pass(copied);
    struct stat facts{};
    if (::fstat(copied->get(), &facts) != 0) return system_error("cannot read the copy of", file);
    out.size_ = static_cast<std::uint64_t>(facts.st_size);
    out.nameless_ = std::move(*copied);
    return out;
  }
  sqlite3_int64 size = 0;
  out.bytes_.reset(sqlite3_serialize(db->handle(), "main", &size, 0));
  if (out.bytes_ == nullptr) {
    if (sqlite3_errcode(db->handle()) == SQLITE_OK) throw std::bad_alloc();
    return std::unexpected(db->error());
  }
  out.size_ = static_cast<std::uint64_t>(size);
  return out;
}

Result<void> DatabaseCopy::each(const std::function<Result<void>(std::string_view)>& take) const {
  if (bytes_) return take({reinterpret_cast<const char*>(bytes_.get()), size_});
  std::vector<char> piece(kCopiedAtOnce);
  for (std::uint64_t at = 0; at < size_;) {
    const auto most = std::min<std::uint64_t>(piece.size(), size_ - at);
    const auto got = ::pread(nameless_.get(), piece.data(), most, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return system_error("cannot read the copy of", file_);
    if (auto taken = take({piece.data(), static_cast<std::size_t>(got)}); !taken) return taken;
    at += static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace portalkey
