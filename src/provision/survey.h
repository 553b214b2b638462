#pragma once
// Reads what is there. Sends nothing that changes anything: GET, and the POST that asks whether a vault's name is free.

#include "azure/azure.h"
#include "provision/actual.h"
#include "provision/desired.h"

namespace portalkey {

struct Subscription {
  std::string id, name, tenant;
};

/// The subscription of that id or name; of an empty text the only one that is enabled. Otherwise invalid_input lists them.
Result<Subscription> find_subscription(const Azure& azure, std::string_view wanted);

/// What the steps of a plan are about, in the order in which they are done.
enum class Part { providers, group, vault, app, principal, credential, role, my_role, permissions };

/// Reads everything, or (read_part) again what one step may have changed.
Result<Actual> survey(const Azure& azure, const Desired& desired);
Result<void> read_part(Part part, const Azure& azure, const Desired& desired, Actual& actual);

}  // namespace portalkey
