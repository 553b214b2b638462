#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

void add_serve_command(Command app, const Globals& globals, Run& run);

}  // namespace portalkey
