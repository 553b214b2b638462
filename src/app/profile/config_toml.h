#pragma once
// A config file's text. Only for .cc files of this folder and of the service's settings: what includes it waits for a whole
// TOML parser.

#include <toml++/toml.h>

#include <filesystem>
#include <string>

#include "base/error.h"

namespace portalkey {

/// invalid_input, with file and line.
std::unexpected<Error> bad_setting(const std::filesystem::path& file, const toml::source_region& where, std::string what,
                                   std::string remedy);

/// Tables `profile`, `cloud` and `service` and nothing else; what is in them is not looked at. not_found; invalid_input.
Result<toml::table> parse_config(const std::filesystem::path& file);

}  // namespace portalkey
