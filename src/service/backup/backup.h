#pragma once
// Everything that a service needs to go on elsewhere, in one sealed file (sealed_stream.h).
//
// Contents: for each file the length of its name (u16, little endian), the name, its size (u64), its bytes; a length of 0; the
// size of the manifest (u32) and the manifest, JSON with each file's name, size and SHA-256. Databases are copied as they are
// at one moment, whoever writes meanwhile (database_copy.h).

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

struct BackupSource {
  std::string name;            ///< in the backup: a relative path
  std::filesystem::path file;  ///< or a folder: all plain files in it, databases (`.db`) without their logs; no lock files
};

struct BackedUpFile {
  std::string name;
  std::uint64_t size = 0;
  std::string sha256;
};

struct BackupManifest {
  WallTime made{};
  std::string version;  ///< of the program
  std::vector<BackedUpFile> files;
};

/// conflict: `to` is there already. not_found: a source is not there. On an error nothing is left at `to`.
Result<BackupManifest> make_backup(const std::vector<BackupSource>& sources, const std::filesystem::path& to,
                                   const Secret& passphrase, const std::string& version, Clock& clock);

/// Reads all of it, and compares each file with the manifest.
Result<BackupManifest> check_backup(const std::filesystem::path& backup, const Secret& passphrase);

/// Checks all of it first, then makes the folder `to` of it, mode 0700, in one step. conflict: something is there already.
Result<BackupManifest> restore_backup(const std::filesystem::path& backup, const std::filesystem::path& to,
                                      const Secret& passphrase);

}  // namespace portalkey
