#pragma once

#include <string_view>

#include "base/error.h"

namespace portalkey {

/// Whether this may stand in a header as a bearer token: letters, digits and `-._~+/=` (RFC 6750), at most 32 KiB. Whatever
/// else a service, a file or a program gave as one would become part of the request around it.
bool is_access_token(std::string_view text);

/// Whether this may be a refresh token: visible ASCII (RFC 6749) less what no token of Entra's has and what stands around one
/// when it was copied, blanks, quotation marks, braces, `<>` and backslashes; at most 32 KiB.
bool is_refresh_token(std::string_view text);

/// invalid_input if it would not be one header, but more than one, or end them all.
Result<void> check_header(std::string_view name, std::string_view value);

}  // namespace portalkey
