#pragma once
// Calls for a person: runs the profile's alert_command, and tells its alert_webhook. Once per cause, not once per run: what was
// told is recorded in the state folder until it is settled.

#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "base/remedy.h"

namespace portalkey {

struct Alert {
  std::string cause;  ///< for programs: `sign-in-needed`, `refused`, `mfa-age`
  std::string about;  ///< which case of it: another one is told anew. The refusal; the sign-in that grows old
  std::string what;
  std::string remedy;
  std::optional<std::chrono::days> days_left;
};

/// Tells of those that were not told of before, and forgets the causes that are not among them any more. `account`: whose
/// session it is; empty: not known. What could not be told is warned of, and told again by the next run. Nothing here holds a
/// secret, the command's environment is that of base/program_environment.h, and the webhook gets no bearer token. `words`: for
/// the references in remedies.
void alert(Tenant& tenant, const std::string& account, const std::vector<Alert>& alerts, const Words& words);

}  // namespace portalkey
