#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// A symmetric key in a file: hex digits (blanks, colons and line breaks between them are fine) or the raw bytes. 16, 24 or 32
/// bytes, as the ciphers of PSKC take them. `setting` named the file, as errors say.
Result<Secret> read_key_file(const std::filesystem::path& file, std::string_view setting);

}  // namespace portalkey
