#pragma once
// What stands in a secret that cannot be what it is given for. Vaults and files are filled by hand: with a second line, with
// the JSON around the token, with a blank where an editor broke it. What lies around a secret (base/secret_text.h) is taken off
// before; what lies within is named, by its place and never by the text.

#include <string>
#include <string_view>

namespace portalkey {

/// `a blank at character 51 of 900`; empty if the text can be a refresh token (http/header_text.h).
std::string refresh_token_flaw(std::string_view text);

/// The same of a client secret, in which only line breaks and other control characters are impossible.
std::string client_secret_flaw(std::string_view text);

}  // namespace portalkey
