#pragma once
// Whose request it is: an access token of Entra, or an API key, in `Authorization: Bearer`. Anything else is nobody's.

#include <string_view>

#include "base/error.h"
#include "service/callers/caller.h"

namespace portalkey {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// `authorization`: the header's value. `peer`: the caller's address, by which failures are counted. By any thread.
  /// unauthenticated: it is nobody's, and what is told does not say why (the log does, without the token). forbidden: it is
  /// somebody's who has no right at all here. throttled: too many failures came from that address. unavailable: the keys of
  /// Entra cannot be had, so nobody can tell.
  virtual Result<Caller> caller_of(std::string_view authorization, std::string_view peer) = 0;
};

}  // namespace portalkey
