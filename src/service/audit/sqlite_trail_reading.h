#pragma once

#include <filesystem>
#include <memory>

#include "service/audit/audit_trail.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// A connection that only reads.
Result<Sqlite> open_audit_reader(const std::filesystem::path& file);

/// The trail in the file as it is now.
Result<std::unique_ptr<TrailReading>> read_sqlite_trail(const std::filesystem::path& file);

}  // namespace portalkey
