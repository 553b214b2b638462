#pragma once
// What an API key looks like: `pk_<id>_<secret>`, all in lower case and digits, so that a double click takes it whole and no
// shell, header or form changes it. Example (of no key): `pk_` `2vkx3d5qp7ab` `_` and 46 more characters.
//
// The secret is 200 bits of chance and a check of 30 bits over all that stands before it: a key that was cut or mistyped is
// known as such without a look into the store, and whoever searches files for leaked keys can tell one from chance.

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace portalkey {

inline constexpr std::size_t kApiKeyIdSize = 12, kApiKeySize = 3 + kApiKeyIdSize + 1 + 40 + 6;

/// Whether a presented text means to be an API key: no access token begins so.
bool begins_as_api_key(std::string_view text);

/// A new key, from the kernel's chance.
Secret new_api_key();

/// The id in a key's text; nullopt if the text is none: another form, or the check does not fit.
std::optional<std::string_view> id_of_api_key(std::string_view text);

/// What is kept of a key: BLAKE2b-256 of its text. The text holds 200 bits of chance, which nobody tries out, so a slow hash
/// and a salt, which passwords need because they can be guessed, would protect nothing and cost each request its time.
std::string hash_of_api_key(std::string_view text);

}  // namespace portalkey
