#pragma once
// Checkpoints and the stub of what was pruned, as rows of audit.db. What writes is called in a transaction.

#include <optional>
#include <string>
#include <vector>

#include "service/audit/checkpoint.h"
#include "sqlite/sqlite.h"

namespace portalkey {

Result<std::optional<Checkpoint>> last_kept_checkpoint(Sqlite& db);
/// The oldest first. corrupt: a row is none.
Result<std::vector<Checkpoint>> kept_checkpoints(Sqlite& db);
Result<void> keep_checkpoint(Sqlite& db, const Checkpoint& checkpoint);

/// 0: nothing.
Result<std::int64_t> last_sent(Sqlite& db, const std::string& sender);
Result<void> keep_sent(Sqlite& db, const std::string& sender, std::int64_t seq);

/// conflict: by now another process pruned, or the entry is not there.
Result<void> replace_entries(Sqlite& db, const PruningStub& stub);

}  // namespace portalkey
