#include "service/audit/kept_checkpoints.h"

#include "service/audit/audit_layout.h"
#include "service/audit/audit_rows.h"

namespace portalkey {

Result<std::optional<Checkpoint>> last_kept_checkpoint(Sqlite& db) {
  Query query(db, "SELECT line FROM checkpoint ORDER BY seq DESC LIMIT 1");
  auto there = query.step();
  if (!there) return pass(there);
  return *there ? checkpoint_of(query.text(0)) : std::nullopt;  // one that is none is made again
}

Result<std::vector<Checkpoint>> kept_checkpoints(Sqlite& db) {
  std::vector<Checkpoint> out;
  Query query(db, "SELECT line FROM checkpoint ORDER BY seq");
  for (;;) {
    auto more = query.step();
    if (!more) return pass(more);
    if (!*more) return out;
    auto checkpoint = checkpoint_of(query.text(0));
    if (!checkpoint) {
      return std::unexpected(Error{Errc::corrupt,
                                   "a checkpoint that is kept with the audit trail was changed",
                                   kAuditWords.damaged,
                                   {{"file", db.file().string()}}});
    }
    out.push_back(std::move(*checkpoint));
  }
}

Result<void> keep_checkpoint(Sqlite& db, const Checkpoint& checkpoint) {
  Query query(db, "INSERT OR REPLACE INTO checkpoint VALUES(?, ?)");
  query.bind(checkpoint.seq).bind(checkpoint_line(checkpoint));
  return query.run();
}

Result<std::int64_t> last_sent(Sqlite& db, const std::string& sender) {
  Query query(db, "SELECT seq FROM sent WHERE sender = ?");
  query.bind(sender);
  auto there = query.step();
  if (!there) return pass(there);
  return *there ? query.number(0) : 0;
}

Result<void> keep_sent(Sqlite& db, const std::string& sender, std::int64_t seq) {
  Query query(db, "INSERT OR REPLACE INTO sent VALUES(?, ?)");
  query.bind(sender).bind(seq);
  return query.run();
}

Result<void> replace_entries(Sqlite& db, const PruningStub& stub) {
  auto before = pruned_through(db);
  if (!before) return pass(before);
  auto hash = hash_at(db, stub.through);
  if (!hash) return pass(hash);
  if (*before >= stub.through || *hash != stub.head)
    return fail(Errc::conflict, "another process pruned the audit trail meanwhile", "Try again.");
  for (const char* sql : {"DELETE FROM entry WHERE number <= ?", "DELETE FROM step_back WHERE number <= ?",
                          "DELETE FROM checkpoint WHERE seq < ?"}) {
    Query query(db, sql);
    query.bind(stub.through);
    if (auto done = query.run(); !done) return done;
  }
  if (auto done = db.run("DELETE FROM pruned"); !done) return done;
  Query query(db, "INSERT INTO pruned VALUES(?, ?, ?)");
  query.bind(stub.through).bind_blob(bytes_of_hex(stub.head)).bind(stub_line(stub));
  if (auto done = query.run(); !done) return done;
  return db.run("PRAGMA incremental_vacuum");
}

}  // namespace portalkey
