#pragma once
// What the claims of an access token of Entra say, once its signature is known to be right. Included by .cc files only.
//
// The rule, which refuses rather than guesses:
//   Issuer    `ver` 1.0 and https://sts.windows.net/{tid}/ (the cloud's name of it), or `ver` 2.0 and
//             https://{authority}/{tid}/v2.0; the whole text, with a `tid` that is one of the tenants allowed.
//   Audience  `aud` is one text and exactly one of those allowed.
//   Lifetime  `iat`, `nbf` and `exp` are there, whole numbers; it was issued and holds now, give or take kTokenLeeway.
//   Client    `appid` (1.0) or `azp` (2.0) names it, a GUID. An id token has neither and is refused, although it may have our
//             audience where the same registration signs people in and is called; so is whatever has a `nonce`.
//   Bearer    It has no `cnf` (RFC 7800 §3.1): a token that is bound to a key is worth nothing without a proof that its holder
//             has that key, which is not asked for here. Taken as it is, a stolen one would be.
//   User      `scp` is there. The rights are those of ours that stand both among its words and among `roles`: a scope is what
//             the app may do in users' names (consented to once, for everybody), an app role is what this user may do. So a
//             consent alone opens nothing to anybody, and neither does a role through an app that was not allowed it.
//   App       `scp` is not there; `idtyp` is `app`, or is absent (it is optional) and `sub` equals `oid`, as only an app's do.
//             The rights are those of ours among `roles`.
//   Neither   is refused; so is what contradicts itself (`idtyp` user without `scp`, or app with it).
// Sources: learn.microsoft.com/entra/identity-platform, access-token-claims-reference and claims-validation.

#include <boost/json.hpp>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "service/callers/caller.h"

namespace portalkey {

/// How far the clocks of Entra and of this machine may be apart.
inline constexpr std::chrono::seconds kTokenLeeway{60};

struct ClaimRules {
  std::string authority;          ///< host
  std::string v1_issuer_host;     ///< empty: no tokens of version 1
  std::set<std::string> tenants;  ///< GUIDs in lower case
  std::set<std::string> audiences;
  std::vector<std::pair<std::string, CallerLimits>> limits;  ///< by object id of a user or id of an app, in lower case
};

/// Whom the token speaks for. unauthenticated: it is none that may be presented here, and why not. forbidden: it is, but of one
/// who has no right at all.
Result<Caller> judge_claims(const boost::json::object& claims, const ClaimRules& rules, WallTime now);

}  // namespace portalkey
