#pragma once
// What the vault tells of the session without redeeming anything: age, account, roles.

#include <string>
#include <vector>

#include "doctor/finding.h"
#include "entra/session/session_clocks.h"

namespace portalkey {

/// `expected_account`: the profile's service account; empty: any.
Findings judge_session(const SessionStatus& status, const std::string& expected_account, WallTime now);

/// How and when the account signed in, and how long the tenant's MFA age lets the session live. `notice`: how many days before
/// that ends it is a warning.
Findings judge_sign_in(const SessionClocks& clocks, std::chrono::days notice);

/// `roles`: names, separated by comma and blank, as the tags hold them; `recorded`: when they were. What portalkey does needs
/// Global Administrator; activating and removing tokens Privileged Authentication Administrator at least.
Finding judge_roles(const std::string& roles, const std::string& recorded);

/// The list of the secret's versions.
Finding judge_versions(const std::vector<SecretVersion>& versions);

}  // namespace portalkey
