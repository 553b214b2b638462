#pragma once
// Whole files, read with a bound and written so that a crash leaves either the old or the new contents. No other account of
// this machine may have a hand in any of them (base/trusted_path.h); one that may is invalid_input.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "base/trusted_path.h"

namespace portalkey {

/// Which file a path leads to, and what tells that it has been written to; all zeroes if there is none.
struct FileState {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t changed_s = 0, changed_ns = 0;  ///< when its contents or its inode last were

  static FileState of(const std::filesystem::path& path);
  bool operator==(const FileState&) const = default;
};

/// Reads at most `limit_bytes`; a longer file is an error (invalid_input). A missing one is not_found.
Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit_bytes, FileUse use);

/// Reads standard input to its end, with the same bound.
Result<Secret> read_stdin(std::size_t limit_bytes);

/// Is there anything of that name? A link that leads to nothing is invalid_input, as it is when the file is read or written.
Result<bool> file_exists(const std::filesystem::path& path);

/// Writes a temporary file beside `path` (mode 0600), fsyncs it, renames it over `path` and fsyncs the folder.
/// On return the contents survive a power loss. The folder must exist. A link stays a link: what it leads to is replaced.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Would `write_file_atomically` be let write there? For asking before there is something to write.
Result<void> check_writable(const std::filesystem::path& path);

/// Judges what is at a path, if anything is, as it is judged when it is used.
Result<void> judge_file(const std::filesystem::path& path, FileUse use, LastLink last = LastLink::followed);

/// Removes a file and fsyncs its folder. A file that is not there is no error.
Result<void> remove_file_durably(const std::filesystem::path& path);

/// Removes what writes of `path` that were cut short by a crash left beside it. Only while nobody else writes it.
void remove_interrupted_writes(const std::filesystem::path& path);

/// invalid_input if the folder is not ours (or root's), or if others may write to it.
Result<void> check_private_folder(const std::filesystem::path& path);

/// The same of a folder that is ours alone: nobody else may even look into it.
Result<void> check_own_folder(const std::filesystem::path& path);

/// Makes `path` and its missing parents with mode 0700. Those that are there are judged as any on the way to a file.
Result<void> make_private_folder(const std::filesystem::path& path);

}  // namespace portalkey
