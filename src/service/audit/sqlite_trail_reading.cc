#include "service/audit/sqlite_trail_reading.h"

#include <fmt/format.h>

#include "service/audit/audit_layout.h"
#include "service/audit/audit_rows.h"
#include "service/audit/entry_form.h"
#include "service/audit/kept_checkpoints.h"

namespace portalkey {
namespace {

class SqliteTrailReading final : public TrailReading {
 public:
  explicit SqliteTrailReading(Sqlite db) : db_(std::move(db)) {}

  /// The first thing that is read in a transaction decides what all the others see.
  Result<void> begin() {
    if (auto begun = db_.run("BEGIN"); !begun) return begun;
    Query trail(db_, "SELECT id, made FROM trail");
    auto there = trail.step();
    if (!there) return pass(there);
    if (!*there) {
      return std::unexpected(
          Error{Errc::corrupt, "the audit trail has lost its beginning", kAuditWords.damaged, {{"file", db_.file().string()}}});
    }
    beginning_.trail = trail.text(0);
    beginning_.made = from_unix_milliseconds(trail.number(1));
    beginning_.hash = sha256_hex(beginning_form(beginning_.trail, *beginning_.made));
    Query stub(db_, "SELECT through, hash, stub FROM pruned");
    there = stub.step();
    if (!there) return pass(there);
    if (!*there) return {};
    beginning_.number = stub.number(0);
    beginning_.hash = hex_of(stub.text(1));
    beginning_.stub = stub_of(stub.text(2));
    return {};
  }

  const ChainBeginning& beginning() const override { return beginning_; }

  Result<void> each(std::int64_t from, const TakeEntry& take) override {
    Query query(db_, fmt::format("SELECT {} FROM entry WHERE number >= ? ORDER BY number", kEntryColumns));
    query.bind(from);
    for (;;) {
      auto more = query.step();
      if (!more) return pass(more);
      if (!*more) return {};
      if (auto taken = take(entry_of(query), {}); !taken) return taken;
    }
  }

  Result<std::vector<Checkpoint>> checkpoints() override { return kept_checkpoints(db_); }

 private:
  Sqlite db_;
  ChainBeginning beginning_;
};

}  // namespace

Result<Sqlite> open_audit_reader(const std::filesystem::path& file) {
  auto db = Sqlite::open(file, kAuditWords);
  if (!db) return db;
  if (auto set = db->run("PRAGMA query_only=ON"); !set) return pass(set);
  return db;
}

Result<std::unique_ptr<TrailReading>> read_sqlite_trail(const std::filesystem::path& file) {
  auto db = open_audit_reader(file);
  if (!db) return pass(db);
  auto reading = std::make_unique<SqliteTrailReading>(std::move(*db));
  if (auto begun = reading->begin(); !begun) return pass(begun);
  return reading;
}

}  // namespace portalkey
