#pragma once

#include <filesystem>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// A symmetric key in a file: hex digits (blanks, colons and line breaks between them are fine) or the raw bytes. 16, 24 or 32
/// bytes, as the ciphers of PSKC take them.
Result<Secret> read_key_file(const std::filesystem::path& file);

/// Warns on standard error of a key or passphrase file that every account of this machine may read.
void warn_if_all_may_read(const std::filesystem::path& file);

}  // namespace portalkey
