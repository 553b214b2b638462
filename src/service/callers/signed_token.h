#pragma once
// A signed token in its compact form (RFC 7515 §3.1), taken apart. Included by .cc files only.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace portalkey {

/// Entra's are seldom over 4 KB; it leaves out groups beyond 200.
inline constexpr std::size_t kLongestToken = std::size_t{16} * 1024;

/// Nothing of it is verified. Of the header only `kid` is used: the algorithm is RS256 or the token was refused, and a key or
/// an address of one that the token brings along (`jwk`, `x5c`, `jku`, `x5u`) is nobody's word but its own.
struct SignedToken {
  std::string kid;
  std::string claims;            ///< the payload, not yet read: only what is signed is worth it
  std::string_view signed_part;  ///< of the text it was taken from
  std::string signature;
};

/// unauthenticated, with the reason: it is not three parts of base64url without padding; it is longer than kLongestToken; its
/// header is no strict JSON, names another algorithm or type, no key, or something that must be understood and is not (`crit`,
/// `b64`, `zip`, `enc`); or has a `nonce`, by which Microsoft marks tokens that nobody but the API they are for can verify.
Result<SignedToken> take_token_apart(std::string_view text);

}  // namespace portalkey
