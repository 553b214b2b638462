#pragma once
// Virtual networks with their subnets: as much as a vault's network rules need.

#include <string_view>

#include "sandbox/world/state.h"

namespace portalkey::sandbox {

/// The subnet of that resource id; nullptr if there is none.
const Subnet* find_subnet(const State& state, std::string_view id);

}  // namespace portalkey::sandbox
