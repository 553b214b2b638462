#pragma once

#include <string_view>

#include "sandbox/world.h"

namespace portalkey::sandbox {

/// Which codes count beside the current time step's.
enum class CodeWindow {
  neighbours,   ///< the step before and the step after: the portal
  step_before,  ///< Graph: a code is good for one minute (30-second tokens) or two (60-second tokens) from its beginning
};

/// Whether that is a code of the token now that was not used before; if so, it is used.
bool take_code(const World& world, OathToken& token, std::string_view code, CodeWindow window);

}  // namespace portalkey::sandbox
