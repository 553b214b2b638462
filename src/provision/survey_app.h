#pragma once
// The directory's half of a survey: the app registration, its service principal, its credentials.

#include "azure/azure.h"
#include "provision/actual.h"
#include "provision/desired.h"

namespace portalkey {

/// By the client id that was given or recorded, else the one that the record says was being made.
Result<void> read_app(const Azure& azure, const Desired& desired, Actual& actual);
Result<void> read_principal(const Azure& azure, Actual& actual);
/// What the directory has and what lies on this machine.
Result<void> read_credential(const Azure& azure, const Desired& desired, Actual& actual);

}  // namespace portalkey
