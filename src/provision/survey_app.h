#pragma once
// The directory's half of a survey: the app registration, its service principal, its credentials.

#include "provision/actual.h"
#include "provision/azure.h"
#include "provision/desired.h"

namespace portalkey {

/// By the recorded client id if there is one, else by name and mark.
Result<void> read_app(const Azure& azure, const Desired& desired, Actual& actual);
Result<void> read_principal(const Azure& azure, Actual& actual);
/// What the directory has and what lies on this machine.
Result<void> read_credential(const Azure& azure, const Desired& desired, Actual& actual);

}  // namespace portalkey
