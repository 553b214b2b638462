#pragma once

#include <filesystem>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// A SQLite database as it is at one moment (sqlite.org/backup.html), in memory, while others may write to it.
Result<Secret> copy_database(const std::filesystem::path& file);

}  // namespace portalkey
