#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "sandbox/world/state.h"

namespace portalkey::sandbox {

std::string state_to_json(const State& state);
Result<State> state_from_json(std::string_view text);

}  // namespace portalkey::sandbox
