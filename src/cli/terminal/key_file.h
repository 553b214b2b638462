#pragma once

#include <filesystem>

namespace portalkey {

/// Warns on standard error of a key or passphrase file that every account of this machine may read.
void warn_if_all_may_read(const std::filesystem::path& file);

}  // namespace portalkey
