#pragma once

#include "sandbox/wire/json.h"
#include "sandbox/world/arm_state.h"

namespace portalkey::sandbox {

/// A member that is missing or of another kind reads as its default.
json::object azure_json(const Azure& azure);
Azure azure_from_json(const json::object& in);

/// A secret with all its versions and values: also what a backup holds.
json::object secret_json(const VaultSecret& secret);
VaultSecret secret_from_json(const json::object& in);

}  // namespace portalkey::sandbox
