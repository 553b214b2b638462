#pragma once
// What ends a session, and when: three clocks. A refresh token that is not redeemed for 90 days ends; so does one whose
// interactive sign-in is older than the tenant's MFA age; and one that began by device code ends on the day a policy blocks
// that flow.

#include <optional>
#include <string>
#include <vector>

#include "entra/session/mfa_age.h"
#include "entra/session/session.h"

namespace portalkey {

struct SessionClocks {
  std::optional<std::chrono::days> idle_left;      ///< of the 90; nullopt: the last rotation is not recorded
  std::optional<std::chrono::days> since_sign_in;  ///< whole days; nullopt: not known
  std::optional<MfaAge> mfa_age;                   ///< nullopt: not known
  std::optional<std::chrono::days> mfa_left;       ///< 0: it is over
  SignInRecord sign_in;
};

/// `told`: the profile's MFA age, which goes before a learnt one.
SessionClocks clocks_of(const SessionStatus& status, std::optional<std::chrono::days> told, WallTime now);

struct SessionWarning {
  std::string cause;  ///< for programs: `idle`, `mfa-age`, `device-code`
  std::string what;
  std::string remedy;
  std::optional<std::chrono::days> days_left;
};

/// `notice`: how many days before its end a clock is warned of; at most half of the MFA age.
std::vector<SessionWarning> warnings_of(const SessionClocks& clocks, std::chrono::days notice);

/// One line for a person: `21 days ago, by web browser, with pwd mfa`.
std::string sign_in_text(const SessionClocks& clocks);
/// `9 days left of 30 (the profile says)`, or why that is not known.
std::string mfa_age_text(const SessionClocks& clocks);

}  // namespace portalkey
