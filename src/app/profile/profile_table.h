#pragma once
// A profile's table in a config file. Only for .cc files of this folder: what includes it waits for a whole TOML parser.

#include <filesystem>
#include <string>

#include "app/profile/config_toml.h"
#include "app/profile/profile.h"

namespace portalkey {

/// A config file that is read.
struct ConfigFile {
  std::filesystem::path file;
  const Environment& environment;

  /// Relative paths in a config file are relative to it.
  std::filesystem::path beside(const std::string& path) const;
};

/// What the sandbox must not decide, because the profile or the command line does.
struct Given {
  bool vault = false;
  bool credential = false;
};

/// `own_clouds`: the file's; may be null. `sandbox`: the folder that the profile names, unless the caller names one.
/// invalid_input names file, line and setting.
Result<void> read_profile_table(const toml::table& table, const toml::table* own_clouds, const ConfigFile& config,
                                Profile& profile, Given& given, std::filesystem::path& sandbox);

/// The host in `https://login.microsoftonline.us/` or the bare host, as the SDKs accept it; empty if it is neither.
std::string host_given(const std::string& text);

}  // namespace portalkey
