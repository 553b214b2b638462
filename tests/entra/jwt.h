#pragma once

#include <string>

#include "base/base64.h"

namespace portalkey {

/// An access token with these claims and a signature nobody checks.
inline std::string unsigned_jwt(const std::string& claims) {
  return base64url(R"({"alg":"RS256"})") + "." + base64url(claims) + ".c2ln";
}

}  // namespace portalkey
