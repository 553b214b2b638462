#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// Whom an access token speaks for, read from its claims. The signature is NOT checked: this is for telling people who
/// signed in, about a token that came straight from Entra over TLS, and decides nothing on its own.
struct AccessTokenClaims {
  std::string tenant;                    ///< `tid`
  std::string account;                   ///< `upn`, or `preferred_username`, or `unique_name`; empty for a service principal
  std::string object_id;                 ///< `oid`
  std::string nonce;                     ///< `nonce` of an id token: that of the request it answers
  std::string app;                       ///< `appid` or `azp`
  bool delegated = false;                ///< has `scp`
  std::vector<std::string> roles;        ///< `wids`: template ids of directory roles
  std::vector<std::string> permissions;  ///< `scp` of a user, `roles` of an app
  std::vector<std::string> methods;      ///< `amr`
  WallTime expires;
};

Result<AccessTokenClaims> read_claims(const Secret& access_token);

/// `Global Administrator` and the like for a role template id that matters here, otherwise the id itself.
std::string role_name(std::string_view template_id);

inline constexpr std::string_view kGlobalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
inline constexpr std::string_view kPrivilegedAuthenticationAdministrator = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13";

}  // namespace portalkey
