#pragma once
// Which profiles there are.

#include <filesystem>
#include <string>
#include <vector>

#include "app/profile/profile.h"

namespace portalkey {

struct ProfilePlace {
  std::string name;
  std::filesystem::path file;  ///< where load_profile finds it
};

/// By the order of config_files and their own. A file named by the choice or the environment must be there; without one there
/// are none. invalid_input names file and line; what is in a profile is not looked at.
Result<std::vector<ProfilePlace>> list_profiles(const ProfileChoice& choice, const Environment& environment);

}  // namespace portalkey
