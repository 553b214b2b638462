#pragma once
// RFC 4648 §6, as hardware token vendors use it: upper or lower case, no padding needed.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace portalkey {

/// Upper case, no padding.
Secret encode_base32(std::string_view bytes);

struct Base32Error {
  enum class Kind { illegal_character, impossible_length } kind;
  std::size_t position = 0;  ///< of the illegal character, from 0
  char character = 0;        ///< the illegal character itself
};

/// Accepts `A-Z a-z 2-7` and trailing `=`. Lengths of 1, 3 or 6 characters beyond a multiple of 8 cannot occur and are
/// refused; left-over bits that are not zero are dropped (Microsoft's own example of a secret key has them).
std::expected<Secret, Base32Error> decode_base32(std::string_view text);

}  // namespace portalkey
