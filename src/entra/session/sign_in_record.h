#pragma once
// How and when an account signed in: what the tags of a session's secret keep through every rotation. A rotation renews the
// refresh token, not the sign-in: a policy's age of MFA counts from there, and a session that began by device code stays one.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace portalkey {

struct SignInRecord {
  std::optional<WallTime> at;        ///< nullopt: not known, as for a refresh token obtained elsewhere
  std::string flow;                  ///< `code`, `device-code`, `given`, `adopted`; empty: another tool stored the token
  std::vector<std::string> methods;  ///< `amr` of the tokens: `pwd`, `mfa`, `fido`, `rsa` …; empty: Entra did not say

  bool operator==(const SignInRecord&) const = default;
};

inline constexpr std::string_view kByCode = "code", kByDeviceCode = "device-code", kGiven = "given", kAdopted = "adopted";

/// `portalkey-signed-in`: `2026-11-30T06:00:00Z code`, time and flow (`unknown given` where the time is not known), and
/// `portalkey-methods`: `pwd mfa`. Two tags, because Key Vault takes fifteen and the history needs seven
/// (vault/version_history.h). What is not known at all has no tag.
void put_sign_in(std::map<std::string, std::string>& tags, const SignInRecord& record);
/// A time from days to come is a broken clock's: not known then.
SignInRecord sign_in_in(const std::map<std::string, std::string>& tags, WallTime now);

}  // namespace portalkey
