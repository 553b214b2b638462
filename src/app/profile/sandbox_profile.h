#pragma once

#include <filesystem>

#include "app/profile/profile_table.h"

namespace portalkey {

/// What the sandbox in `folder` offers fills what the profile leaves open. `given`: what the profile or the caller decides.
/// `from_command_line`: the profile does not name the sandbox itself. not_found: there is none.
Result<void> fill_from_sandbox(Profile& profile, const std::filesystem::path& folder, const Given& given,
                               bool from_command_line);

}  // namespace portalkey
