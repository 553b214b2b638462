#pragma once
// The mirror in SQLite: `folder`/mirror.db, which holds nothing that the tenant does not. docs/decisions/mirror.md has its
// indexes and what they were measured at.
//
// Orders are by bytes in lower case (T10 comes before T9); `descending` turns the serial numbers and ids of equal ones as well.
// Two tokens are the same if serial number (whatever the case) and id are; without an id, the serial number decides.

#include <filesystem>
#include <memory>

#include "service/mirror/mirror.h"

namespace portalkey {

/// Makes the file, and the folder (mode 0700), if it is not there. One that is damaged, or of another version's layout, is
/// moved aside and begun anew. One process writes; `clock` must outlive it.
Result<std::unique_ptr<Mirror>> open_mirror(const std::filesystem::path& folder, Clock& clock);

}  // namespace portalkey
