#pragma once

#include "jobs/store/sqlite/sqlite.h"

namespace portalkey {

/// Makes the journal's tables, or brings those of an older version up to this one's. To be called inside a transaction.
/// invalid_input: a newer version's.
Result<void> bring_up_to_date(Sqlite& db);

}  // namespace portalkey
