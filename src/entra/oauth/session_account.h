#pragma once
// Whose session it is: decided from what Entra's answer says of itself, before anything of it is stored or used.

#include "entra/oauth/access_token.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

/// Who is to come. What is empty is not known.
struct ExpectedAccount {
  std::string tenant_id;    ///< the profile's; never empty
  std::string account;      ///< the UPN that the profile names
  std::string recorded;     ///< the UPN and
  std::string recorded_id;  ///< the object id of whom the session was until now
};

/// What the answer's tokens say of whose they are. An access token is the resource's own and need not be readable: then the id
/// token tells. forbidden: they contradict each other; internal: neither says.
Result<AccessTokenClaims> whose(const TokenAnswer& answer);

/// That, if it is whom it is to be. forbidden: they are somebody else's, or of another tenant; internal: they do not say whose
/// they are.
Result<AccessTokenClaims> judge_account(const TokenAnswer& answer, const ExpectedAccount& expected);

}  // namespace portalkey
