#pragma once
// The steps in the directory. Each may be repeated.

#include "azure/azure.h"
#include "provision/plan.h"

namespace portalkey {

/// Creates the app registration, or adds what is missing; what others put there stays.
Result<void> apply_app(const Azure& azure, const Desired& desired, const Actual& actual);
Result<void> apply_principal(const Azure& azure, const Actual& actual);
/// Makes the secret or certificate and the file that holds it (0600), or the federated credential.
Result<void> apply_credential(const Azure& azure, const Desired& desired, const Actual& actual);

}  // namespace portalkey
