#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "doctor/finding.h"

namespace portalkey {

struct WatchedFile {
  std::filesystem::path path;
  std::string role;      ///< `the client secret`, `the vault file`
  bool secret = true;    ///< nobody else may read it
  bool required = true;  ///< must be there
};

/// Is it there, and may another account have a hand in it (base/trusted_path.h), so that it would be refused? Opens none of
/// them.
Finding check_file(const WatchedFile& file);

/// The folder of lock and escrow: ours alone, or not there yet and to be made. Also what lies in it: a waiting escrow, escrows
/// that could not be read, a rotation that is under way.
Findings check_state_folder(const std::filesystem::path& folder, Clock& clock);

}  // namespace portalkey
