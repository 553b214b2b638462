#pragma once
// Text that looks like a key or a token, wherever it comes from. What is readable stays so: GUIDs, error codes, user names,
// times, paths, long words in camel case, serial numbers as vendors print them.

#include <string>
#include <string_view>

namespace portalkey {

/// `text` with `***` in the place of what looks like a secret: JSON Web Tokens, Entra's refresh tokens and client secrets,
/// what follows `Bearer`, `Authorization:`, `client_secret=`, `secretKey:` and their kind, long base64, base32 of 16
/// characters and more, hexadecimal digits of 32 and more that are no GUID; keys also in groups.
std::string without_keys(std::string_view text);

/// Whether without_keys() would hide something of it.
bool looks_like_key(std::string_view text);

}  // namespace portalkey
