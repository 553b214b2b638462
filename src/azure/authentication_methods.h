#pragma once
// The ways to prove oneself that a user has registered.
// Source: learn.microsoft.com/graph/api/{authentication-list-methods,resources/authenticationmethod}.

#include <string>
#include <string_view>
#include <vector>

#include "azure/graph.h"

namespace portalkey {

struct AuthenticationMethod {
  std::string kind;  ///< Graph's type without `AuthenticationMethod`: `phone`, `microsoftAuthenticator`, `hardwareOath`
  std::string name;  ///< what the user calls it, or the device; may be empty
};

/// `user`: UPN or object id. Version 1.0 of Graph leaves hardware OATH tokens out; `beta` has those of both worlds. forbidden:
/// the caller needs UserAuthenticationMethod.Read.All.
Result<std::vector<AuthenticationMethod>> authentication_methods(const Graph& beta, std::string_view user);

}  // namespace portalkey
