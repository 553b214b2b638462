#pragma once
// A profile from end to end: files, network, credential, vault, session. Says what it finds, changes nothing, and redeems
// nothing unless told.

#include "app/tenant/tenant.h"
#include "doctor/finding.h"

namespace portalkey {

struct ExamineOptions {
  bool redeem = false;     ///< renew the session for real, and call the portal API
  bool all_hosts = false;  ///< also those that only a set-up uses
};

Findings examine(Tenant& tenant, const ExamineOptions& options);
/// Where the profile could not even be read.
Findings no_profile_to_examine(const Error& why);

}  // namespace portalkey
