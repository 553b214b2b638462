#pragma once
// A secret in a file that somebody was sent, or made. It must not be empty. `setting` named the file, as errors say; a file
// that is not there is a wrong setting (invalid_input).

#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "base/trusted_path.h"

namespace portalkey {

/// The secret as secret_in_text (base/secret_text.h) finds it in the file.
Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting,
                                FileUse use = FileUse::secret);

/// The file's bytes; only a final line break is not part of it.
Result<Secret> read_exact_secret_file(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting,
                                      FileUse use = FileUse::secret);

}  // namespace portalkey
