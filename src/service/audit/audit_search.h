#pragma once

#include "service/audit/audit_log.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// The newest first; the filter as it is written down (entry_form.h). One index finds the rows, in the order in which they are
/// wanted, so a page costs the same wherever it is.
Result<AuditPage> search_entries(Sqlite& db, const AuditFilter& filter, std::size_t most, std::int64_t before);

/// The statements as SQLite would do them, for tests: each line of EXPLAIN QUERY PLAN.
Result<std::vector<std::string>> search_plan(Sqlite& db, const AuditFilter& filter, std::int64_t before);

}  // namespace portalkey
