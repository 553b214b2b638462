#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

/// `portalkey man`: the manual pages of all commands, as the program has them.
void add_man_command(Command app, const std::string& version, Run& run);

}  // namespace portalkey
