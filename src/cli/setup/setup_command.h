#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

/// `setup plan`, `apply`, `export` and `destroy`.
void add_setup_command(Command app, const Globals& globals, Run& run);

}  // namespace portalkey
