#pragma once
// Tells by a file's first bytes that it is no text, or nothing that seeds can be read from. Its name counts only where nothing
// in it is known.

#include <optional>
#include <string_view>

#include "base/error.h"

namespace portalkey {

inline constexpr std::size_t kEnoughToTell = 4096;

/// The refusal of a file that nobody can read seeds from as it is, with what it is and what to do about it; nullopt for text
/// and zip archives. `start` is the file's beginning; `whole` says that nothing follows. Quotes nothing of the file.
std::optional<Error> why_not_readable(std::string_view start, bool whole);

/// The refusal of a vendor's encrypted delivery that nothing was found in, by its name's end: OneSpan's .dpx, RSA's .sdtid.
std::optional<Error> why_not_readable_by_name(std::string_view name);

bool is_zip(std::string_view start);

/// By its byte order mark, of which that of UTF-16 is a part.
bool is_utf32(std::string_view start);
Error utf32_refusal();

/// An Excel workbook, which is a zip archive too.
Error workbook_refusal();

/// RSA's .sdtid.
Error sdtid_refusal();

}  // namespace portalkey
