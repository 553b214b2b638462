#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace portalkey {

/// Where the first byte is that is not part of well-formed UTF-8 (RFC 3629); npos if there is none.
std::size_t first_invalid_utf8(std::string_view text);

/// The character at `at` for a message: `"ö" (U+00F6)`, `a blank`, `U+200B`, or `byte 0xE4` where it is not UTF-8.
std::string name_character(std::string_view text, std::size_t at);

/// Without blanks, no-break spaces and zero-width spaces around it.
std::string_view trimmed_unicode_slowly(std::string_view text);
inline std::string_view trimmed_unicode(std::string_view text) {
  const auto plain = [](char c) { return c > ' ' && c < 0x7f; };
  if (text.empty() || (plain(text.front()) && plain(text.back()))) return text;
  return trimmed_unicode_slowly(text);
}

/// The length of the no-break or zero-width space that `text` begins with; 0 if it begins with something else.
std::size_t odd_space(std::string_view text);

/// Whether `text`, well-formed UTF-8, holds what a terminal may obey: C0 and C1 control characters, DEL, or those that turn the
/// direction of writing.
bool has_control_character(std::string_view text);
/// What the first of them is, for a message: `a line break at position 3`, `a NUL byte at position 1`, `U+202E at position 7`.
std::string what_control_character(std::string_view text);

}  // namespace portalkey
