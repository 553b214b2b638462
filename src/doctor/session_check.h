#pragma once
// What the vault tells of the session without redeeming anything: age, account, roles.

#include <string>
#include <vector>

#include "doctor/finding.h"
#include "entra/session/session.h"

namespace portalkey {

/// `expected_account`: the profile's service account; empty: any.
Findings judge_session(const SessionStatus& status, const std::string& expected_account, WallTime now);

/// `roles`: names, separated by comma and blank, as the tags hold them; `recorded`: when they were. What portalkey does needs
/// Global Administrator; activating and removing tokens Privileged Authentication Administrator at least.
Finding judge_roles(const std::string& roles, const std::string& recorded);

/// The list of the secret's versions.
Finding judge_versions(const std::vector<SecretVersion>& versions);

}  // namespace portalkey
