#pragma once
// The service account's session: renewed, looked at, asked for an access token.

#include <optional>
#include <string>

#include "app/tenant/tenant.h"
#include "base/remedy.h"
#include "entra/session/session_clocks.h"

namespace portalkey {

struct SessionPlace {
  std::string vault, secret, version;
};

struct RefreshedSession {
  std::string account, tenant;
  SessionPlace stored;
  WallTime access_token_expires;
  std::vector<SessionWarning> warnings;  ///< what will end the session, though it works now
};

/// Redeems the refresh token and stores its successor. Also an Error if the vault did not take the successor, which then waits
/// in the escrow for the next run. Calls for a person where the profile says how (alert.h), if one is needed or will be soon;
/// `words`: for what is told then.
Result<RefreshedSession> refresh_session(Tenant& tenant, const Words& words);

/// What Entra said to the refresh token: nothing is known of that without asking.
struct EntraAnswer {
  std::string outcome;  ///< `accepted`, `refused`, or `unknown`: it did not answer
  std::string what;
  std::optional<Error> error;  ///< also where it was accepted, if the successor could not be stored
};

struct SessionReport {
  SessionStatus status;
  std::string secret;  ///< its name in the vault
  WallTime now;
  std::optional<EntraAnswer> asked;
  std::string expected_account;  ///< the profile's, if the session is another's; empty otherwise
  SessionClocks clocks;
  std::vector<SessionWarning> warnings;
};

/// Reads the vault. `ask_entra`: redeems the refresh token first. What Entra said against it is in the report; an Error only if
/// there is nothing to report.
Result<SessionReport> look_at_session(Tenant& tenant, bool ask_entra);

enum class Health { good, needs_attention, needs_person, unknown };

struct SessionHealth {
  Health health = Health::unknown;
  std::string account;              ///< empty: not recorded
  std::string what;                 ///< one sentence
  std::optional<WallTime> renewed;  ///< the last rotation, or when the vault took the token
};

/// For monitoring: reads the vault, redeems nothing. `max_age`: of the last rotation. What goes wrong on the way is `unknown`,
/// with the reason.
SessionHealth session_health(Tenant& tenant, std::chrono::seconds max_age);

/// A fresh access token for the portal API.
Result<Secret> session_access_token(Tenant& tenant);

}  // namespace portalkey
