#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"

namespace portalkey {

/// What errno says about a file: `what`, the system's words, and what to do.
std::unexpected<Error> system_error(std::string_view what, const std::filesystem::path& path);

}  // namespace portalkey
