#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

/// Adds `session health` to its noun.
void add_session_health(Command group, const Globals& globals, Run& run);

}  // namespace portalkey
