#pragma once
// Writes one profile into a config file that a person keeps: other profiles, comments and settings stay as they are.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace portalkey {

/// Keys and text values, in order.
using TextSettings = std::vector<std::pair<std::string, std::string>>;

struct ProfileText {
  std::string name;
  TextSettings settings;    ///< of [profile.NAME]; its other settings stay
  TextSettings credential;  ///< all of [profile.NAME.credential]
  TextSettings vault;       ///< all of [profile.NAME.vault]
};

/// The file's new text; the old one if nothing differs. invalid_input if the file is not TOML, or writes the profile in a form
/// that cannot be edited without touching the rest (inline tables); the remedy shows the lines to write by hand.
Result<std::string> with_profile(const std::string& text, const ProfileText& profile);

/// Replaces the file, keeping its mode, after copying it to FILE.bak; makes missing folders (0700).
Result<void> write_config(const std::filesystem::path& file, const std::string& before, const std::string& after);

/// An empty text for a missing file.
Result<std::string> read_config(const std::filesystem::path& file);

}  // namespace portalkey
