#pragma once

#include <functional>
#include <string>

#include "jobs/store/sqlite/sqlite.h"

namespace portalkey {

/// Makes the journal's tables, or brings those of an older version up to this one's. To be called inside a transaction.
/// invalid_input: a newer version's. conflict: a process of an older version does a job of it, by what `at_work` says of a
/// job's id; it would go on writing numbers where names are now.
Result<void> bring_up_to_date(Sqlite& db, const std::function<bool(const std::string&)>& at_work);

}  // namespace portalkey
