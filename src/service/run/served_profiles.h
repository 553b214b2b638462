#pragma once
// Which tenants a service serves, and where it keeps its own files.

#include <filesystem>
#include <string>
#include <vector>

#include "service/run/serve_settings.h"

namespace portalkey {

struct ServeWishes {
  ProfileChoice profile;
  std::string listen;           ///< ADDRESS:PORT, instead of the settings'; empty: theirs
  std::filesystem::path state;  ///< likewise
};

/// Where the service keeps its own files.
Result<std::filesystem::path> service_folder(const ServeWishes& wishes, const Environment& environment);

/// Those that the settings name; otherwise the one of the wishes; otherwise every one of the config file.
Result<std::vector<Profile>> served_profiles(const ServeWishes& wishes, const ServeSettings& settings,
                                             const Environment& environment);

}  // namespace portalkey
