#pragma once
// Tells by a file's first bytes, never by its name, what it is.

#include <optional>
#include <string_view>

#include "base/error.h"
#include "oath/seed_format.h"

namespace portalkey {

inline constexpr std::size_t kEnoughToTell = 4096;

/// The refusal of a file that nobody can read seeds from as it is, with what it is and what to do about it; nullopt for text
/// and zip archives. `start` is the file's beginning; `whole` says that nothing follows. Quotes nothing of the file.
std::optional<Error> why_not_readable(std::string_view start, bool whole);

bool is_zip(std::string_view start);

/// An Excel workbook, which is a zip archive too.
Error workbook_refusal();

/// What text is a seed file's, by its beginning in UTF-8 without a byte order mark. Delimited text that nothing else is known of
/// is `entra_csv`, whose reader says what is missing. An Error for XML or JSON that is something else.
Result<SeedFormat> format_of(std::string_view text);

}  // namespace portalkey
