#pragma once
// Whether another account of this machine can have a hand in a file: in the file itself, in a folder on the way to it, or by a
// link put there.
//
// A path is walked folder by folder, each opened relative to the one before and never through a link, so that what was looked
// at is what is used. Ours and root's count as our own; everybody else is another account.
//   Folders   are our own, and nobody else may write to them. One where others may make files, but not remove ours (the sticky
//   bit,
//             as /tmp has it), will do on the way to what is our own. Then it is called shared.
//   Links     are followed if they are our own and lie in no shared folder. Where a shared folder is mounted read-only, nobody
//             plants a link: so Kubernetes mounts secrets. A link that leads to nothing is refused.
//   Files     are plain files of our own that nobody else may write to, with one name only if their folder is shared.
// What fails is invalid_input and names the file, and the folder or link at fault.

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace portalkey {

/// What a file is read for, and so what is asked of it.
enum class FileUse {
  input,    ///< what the user hands in, such as a seed file: whatever he names, only no folder
  key,      ///< a key or passphrase that belongs to such input: nobody else may change it; a pipe will do
  trusted,  ///< decides what is done (configuration, authorities, records): nobody else may change it
  secret,   ///< and nobody else may read it, except the group of a file of root's: so platforms hand out secrets
};

/// A folder that nobody else can replace, nor what is our own in it.
struct TrustedFolder {
  Descriptor fd;               ///< opened with O_PATH: good for the functions that end in `at`
  std::filesystem::path path;  ///< how it was reached
  bool shared = false;         ///< others may make files in it
};

/// A name in such a folder, behind all links.
struct TrustedPlace {
  TrustedFolder folder;
  std::string name;
  std::optional<struct stat> there;  ///< what has that name now; empty: nothing
  std::filesystem::path named;       ///< the path as it was given, for messages

  std::filesystem::path path() const { return folder.path / name; }
};

/// `a plain file`, `a folder`, `a link` ...
std::string_view kind_of(const struct stat& facts);

enum class LastLink { followed, kept };

/// The place a path leads to. not_found: a folder on the way is not there. `kept`: a link that is the path's last part is what
/// is found there.
Result<TrustedPlace> find_place(const std::filesystem::path& file, LastLink last = LastLink::followed);

enum class Missing { not_found, made };

/// The folder a path leads to. `made`: it and its missing parents are made, with mode 0700.
Result<TrustedFolder> find_folder(const std::filesystem::path& folder, Missing missing = Missing::not_found);

/// Judges what is at a place, which must be something. Opens nothing.
Result<void> judge(const TrustedPlace& place, FileUse use);

/// What is at a place may be put aside for a new file: it is nothing, or a plain file of our own.
Result<void> judge_replaceable(const TrustedPlace& place);

/// Opens a file for reading. Descriptors that were handed to the process (/dev/stdin, /dev/fd/N) may be pipes.
Result<Descriptor> open_to_read(const std::filesystem::path& file, FileUse use);

/// Opens a file that portalkey changes in place, or makes it (mode 0600). No link is followed, and nobody else may read it.
Result<Descriptor> open_in_place(const std::filesystem::path& file);

}  // namespace portalkey
