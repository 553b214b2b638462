#pragma once
// Pages and counts of the mirror, read in one transaction each. Included by .cc files of the mirror only.

#include <string>

#include "service/mirror/mirror.h"
#include "sqlite/sqlite.h"

namespace portalkey {

Result<MirrorPage> read_page(Sqlite& db, std::string_view mark_key, const std::string& tenant, const MirrorQuery& query);
Result<MirrorCounts> read_counts(Sqlite& db, const std::string& tenant, const MirrorQuery& query);

}  // namespace portalkey
