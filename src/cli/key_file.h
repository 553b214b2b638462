#pragma once

#include <filesystem>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// A symmetric key in a file: hex digits (blanks, colons and line breaks between them are fine) or the raw bytes. 16, 24 or 32
/// bytes, as the ciphers of PSKC take them.
Result<Secret> read_key_file(const std::filesystem::path& file);

}  // namespace portalkey
