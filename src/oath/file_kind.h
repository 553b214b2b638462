#pragma once
// Tells by a file's first bytes, never by its name, what it is if it is not delimited text.

#include <optional>
#include <string_view>

#include "base/error.h"

namespace portalkey {

inline constexpr std::size_t kEnoughToTell = 4096;

/// The refusal of a file that is no CSV, with what it is and what to do about it; nullopt for text that may be one. `start`
/// is the file's beginning, without a UTF-8 byte order mark; `whole` says that nothing follows. Quotes nothing of the file.
std::optional<Error> why_not_text(std::string_view start, bool whole);

}  // namespace portalkey
