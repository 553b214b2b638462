#include "jobs/store/sqlite/clean_reasons.h"

#include <tuple>
#include <vector>

#include "base/foreign_text.h"
#include "sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongest = 2000;
constexpr std::string_view kDone = "reasons";

struct Row {
  std::string job;
  std::int64_t number = 0;
  std::string reason, remedy;
};

Result<bool> is_done(Sqlite& db) {
  if (auto made = db.run("CREATE TABLE IF NOT EXISTS cleaned(what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"); !made)
    return pass(made);
  Query query(db, "SELECT 1 FROM cleaned WHERE what = ?");
  query.bind(kDone);
  return query.step();
}

Result<std::vector<Row>> unclean_rows(Sqlite& db) {
  std::vector<Row> rows;
  Query query(db, "SELECT job, number, reason, remedy FROM token WHERE reason <> '' OR remedy <> ''");
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return rows;
    Row row{std::string(query.text(0)), query.number(1), foreign_text(query.text(2), kLongest),
            foreign_text(query.text(3), kLongest)};
    if (row.reason != query.text(2) || row.remedy != query.text(3)) rows.push_back(std::move(row));
  }
}

Result<void> rewrite(Sqlite& db, const std::vector<Row>& rows) {
  Query update(db, "UPDATE token SET reason = ?, remedy = ? WHERE job = ? AND number = ?");
  for (const auto& row : rows) {
    update.bind(row.reason).bind(row.remedy).bind(row.job).bind(row.number);
    if (auto done = update.run(); !done) return done;
  }
  return {};
}

Result<void> in_transaction(Sqlite& db, const std::vector<Row>& rows) {
  if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun;
  auto done = rewrite(db, rows);
  if (done) done = db.run("COMMIT");
  if (!done) [[maybe_unused]]
    const auto undone = db.run("ROLLBACK");
  return done;
}

/// False while another process reads the file.
bool leave_no_old_pages(Sqlite& db) {
  if (!db.run("VACUUM")) return false;
  Query checkpoint(db, "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto row = checkpoint.step();
  return row && *row && checkpoint.number(0) == 0;  // 1: it had to stop
}

}  // namespace

Result<void> clean_reasons(Sqlite& db) {
  const auto before = is_done(db);
  if (!before) return std::unexpected(before.error());
  if (*before) return {};
  const auto rows = unclean_rows(db);
  if (!rows) return std::unexpected(rows.error());
  if (!rows->empty()) {
    if (auto done = in_transaction(db, *rows); !done) return done;
  }
  if (!leave_no_old_pages(db)) return {};  // also of rows that an earlier start cleaned
  Query note(db, "INSERT OR IGNORE INTO cleaned VALUES(?)");
  note.bind(kDone);
  return note.run();
}

}  // namespace portalkey
