#pragma once
// UTF-8 (RFC 3629), one character at a time.

#include <cstddef>
#include <string>
#include <string_view>

namespace portalkey {

struct Utf8Character {
  char32_t code = 0;
  std::size_t size = 0;  ///< bytes; 0: not well-formed
};

/// The character that `text`, which is not empty, begins with.
Utf8Character utf8_character(std::string_view text);

void append_utf8(std::string& out, char32_t code);

}  // namespace portalkey
