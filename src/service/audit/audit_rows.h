#pragma once
// Entries as rows of audit.db.

#include <functional>
#include <optional>
#include <string>

#include "service/audit/audit_log.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// In the order in which `entry_of` takes them.
inline constexpr std::string_view kEntryColumns =
    "number, time, action, caller_kind, caller_id, caller_name, peer, tenant, serial, upn, job, outcome, correlation, detail, "
    "hash";
inline constexpr std::string_view kInsertEntry = "INSERT INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

AuditEntry entry_of(const Query& query);
/// Binds all columns of an INSERT.
void bind_entry(Query& insert, const AuditEntry& entry);

std::string hex_of(std::string_view bytes);
/// Empty: no such digits.
std::string bytes_of_hex(std::string_view hex);

/// corrupt: it has none.
Result<std::string> trail_id(Sqlite& db);

/// Where the chain ends; what comes next goes on from there.
struct ChainEnd {
  std::int64_t number = 0;  ///< 0: nothing is there yet
  WallTime time{};          ///< of the last entry that is there
  std::string hash;         ///< of the last entry, of the stub that is left of it, or of the beginning
};
Result<ChainEnd> chain_end(Sqlite& db);
/// The hash of an entry; nullopt: it is not there.
Result<std::optional<std::string>> hash_at(Sqlite& db, std::int64_t number);
/// The number up to which the trail was pruned; 0: it was not.
Result<std::int64_t> pruned_through(Sqlite& db);

/// Up to `most` entries from number `from` on, the oldest first.
Result<std::vector<AuditEntry>> entries_from(Sqlite& db, std::int64_t from, std::size_t most);

}  // namespace portalkey
