#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// A symmetric key in a file: hex digits (blanks, colons and line breaks between them are fine) or the raw bytes. 16, 24 or 32
/// bytes, as the ciphers of PSKC take them. `option` named the file, as errors say.
Result<Secret> read_key_file(const std::filesystem::path& file, std::string_view option);

/// Warns on standard error of a key or passphrase file that every account of this machine may read.
void warn_if_all_may_read(const std::filesystem::path& file);

}  // namespace portalkey
