#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

/// `backup` and `restore`. `version`: of the program, for the manifest.
void add_backup_commands(Command app, const std::string& version, const Globals& globals, Run& run);

}  // namespace portalkey
