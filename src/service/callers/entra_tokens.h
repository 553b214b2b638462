#pragma once
// Access tokens of Entra. What is asked of one: signed_token.h (its form), entra_keys.h (its key), entra_claims.h (what it
// says; there is the rule who gets which rights).

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/http.h"
#include "service/callers/caller.h"

namespace portalkey {

struct EntraTokenSettings {
  std::string cloud = "global";        ///< by its name (entra/oauth/cloud.h)
  std::vector<std::string> tenants;    ///< GUIDs
  std::vector<std::string> audiences;  ///< the service's application id, its URI (`api://…`), or both
  /// What callers are limited to, by object id of a user or application id; where a user comes through an app, both hold. Who
  /// is not here has what Entra gives.
  std::vector<std::pair<std::string, CallerLimits>> limits = {};
  /// Application id, if the service's registration has signing keys of its own (a claims mapping policy gives it some); then
  /// there is one tenant. Empty: the keys that Entra signs for everybody with.
  std::string own_keys_of = {};
};

/// By any thread or task.
class EntraTokens {
 public:
  virtual ~EntraTokens() = default;
  /// Whom the token speaks for. unauthenticated and forbidden as judge_claims; `what` is for the log and quotes nothing of the
  /// token. unavailable: no keys of Entra can be had.
  virtual Result<Caller> caller_of(std::string_view token) = 0;
};

/// invalid_input: a tenant is no GUID, there is no audience, or one is an API of Microsoft's, whose tokens are given to others;
/// `own_keys_of` is no GUID, or there are several tenants. `http` and `clock` must outlive it.
Result<std::unique_ptr<EntraTokens>> make_entra_tokens(EntraTokenSettings settings, Http& http, Clock& clock);

}  // namespace portalkey
