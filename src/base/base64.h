#pragma once
// RFC 4648 §4 and §5. Decoding is strict: no blanks, no stray characters, no non-zero left-over bits.

#include <optional>
#include <string>
#include <string_view>

namespace portalkey {

std::string base64(std::string_view bytes);     ///< with `=` padding
std::string base64url(std::string_view bytes);  ///< without padding, as JWTs have it

std::optional<std::string> decode_base64(std::string_view text);     ///< padding required
std::optional<std::string> decode_base64url(std::string_view text);  ///< padding refused

}  // namespace portalkey
