#pragma once

#include <string_view>

#include "jobs/model/outcome_code.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// What a sentence that versions before layout 5 wrote comes to: they kept no codes beside them. none: it tells nothing.
OutcomeCode code_of_older(std::string_view reason);

/// Gives every row of an older journal its code. Inside a transaction.
Result<void> add_codes(Sqlite& db);

}  // namespace portalkey
