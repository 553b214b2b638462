#pragma once
// Whole files, read with a bound and written so that a crash leaves either the old or the new contents.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// Which file a path leads to, and what tells that it has been written to; all zeroes if there is none.
struct FileState {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t changed_s = 0, changed_ns = 0;  ///< when its contents or its inode last were

  static FileState of(const std::filesystem::path& path);
  bool operator==(const FileState&) const = default;
};

/// Reads at most `limit_bytes`; a longer file is an error (invalid_input). A missing one is not_found.
Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit_bytes);

/// Reads standard input to its end, with the same bound.
Result<Secret> read_stdin(std::size_t limit_bytes);

/// Writes a temporary file beside `path` (mode 0600), fsyncs it, renames it over `path` and fsyncs the folder.
/// On return the contents survive a power loss. The folder must exist.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Removes a file and fsyncs its folder. A file that is not there is no error.
Result<void> remove_file_durably(const std::filesystem::path& path);

/// Removes what writes of `path` that were cut short by a crash left beside it. Only while nobody else writes it.
void remove_interrupted_writes(const std::filesystem::path& path);

/// invalid_input if the folder is not ours (or root's), or if others may write to it.
Result<void> check_private_folder(const std::filesystem::path& path);

/// Makes `path` and its missing parents with mode 0700.
Result<void> make_private_folder(const std::filesystem::path& path);

}  // namespace portalkey
