#pragma once
// What a set-up remembers between runs: setup.json in the profile's state folder. Nothing of it is secret.

#include <filesystem>

#include "provision/apply.h"

namespace portalkey {

/// A missing file is an empty record; a damaged one is corrupt.
Result<Record> read_setup_record(const std::filesystem::path& file);
/// Durable on return.
Result<void> write_setup_record(const std::filesystem::path& file, const Record& record);

}  // namespace portalkey
