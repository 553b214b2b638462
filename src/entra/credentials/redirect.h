#pragma once
// What a sign-in page sends a browser back with (RFC 6749 §4.1.2), as it comes to a port of this machine or as a person pastes
// it.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace portalkey {

struct Redirect {
  Secret code;        ///< empty if the sign-in failed:
  std::string error;  ///< then Entra's word for why, and
  std::string error_description;
  std::string issuer;      ///< `iss` (RFC 9207); empty: not said
  bool bare_code = false;  ///< pasted without its address, so that no state says whose it is: PKCE and the nonce have to
};

/// Why a request is not the redirect.
struct RefusedRequest {
  int status = 400;          ///< 400, 404, 405
  bool other_state = false;  ///< it would be, but for another sign-in
};

/// What one HTTP request at the listener's port means.
std::expected<Redirect, RefusedRequest> read_redirect(std::string_view request, std::string_view state, std::uint16_t port);

/// What a person pasted: the address the browser ended at, its query, or the code alone. Otherwise why it is of no use, in
/// words for that person.
std::expected<Redirect, std::string> read_pasted(std::string_view line, std::string_view state);

}  // namespace portalkey
