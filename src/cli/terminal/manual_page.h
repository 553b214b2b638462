#pragma once
// The manual page of a command, in the language of man(7), made of what its help says.

#include <string>
#include <vector>

#include "cli/terminal/command_line.h"

namespace portalkey {

/// `portalkey-tokens-import`: of the program and the commands below it, down to the one that is meant.
std::string manual_name(const std::vector<Command>& path);

/// Section 1. `version`: the program's, for the page's foot.
std::string manual_page(const std::vector<Command>& path, const std::string& version);

}  // namespace portalkey
