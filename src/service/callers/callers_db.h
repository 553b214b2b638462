#pragma once
// The file of what is kept about callers: API keys, and how many tokens each changed. Included by .cc files only.

#include <filesystem>

#include "base/clock.h"
#include "sqlite/sqlite.h"

namespace portalkey {

enum class Durability { each_commit, whole_file };

/// `folder`/callers.db with its tables, made if it is not there; so is the folder (mode 0700). Every process may have it open.
/// `each_commit`: a commit survives a power failure. `whole_file`: of the last ones some may be lost by it, by nothing else.
/// invalid_input: a newer version's.
Result<Sqlite> open_callers_db(const std::filesystem::path& folder, Durability durability, Clock& clock);

}  // namespace portalkey
