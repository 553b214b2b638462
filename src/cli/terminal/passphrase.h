#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "base/trusted_path.h"

namespace portalkey {

/// The vault file's passphrase: from `file` if given, else PORTALKEY_PASSPHRASE_FILE, else PORTALKEY_PASSPHRASE (which is wiped
/// from the environment), else a prompt on the terminal without echo. A final line break is not part of it. `fresh`: the vault
/// file does not exist yet, so a prompt asks twice.
Result<Secret> read_passphrase(const std::filesystem::path& file, bool fresh);

/// What is wrong with a passphrase for a file that is made now; empty: nothing. Whoever has a copy of the file can try
/// passphrases for as long as they like, so it must be long: 12 characters, and not made of three or four of them again and
/// again.
std::string weakness_of(const Secret& passphrase);

/// The value of an environment variable, which is then wiped and removed from the environment. Empty if it is not set.
Secret take_from_environment(const char* name);

/// A secret in a file that somebody was sent: as secret_in_text reads it; must not be empty. `setting` named the file, as
/// errors say.
Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting,
                                FileUse use = FileUse::secret);

}  // namespace portalkey
