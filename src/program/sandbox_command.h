#pragma once

#include <functional>

#include "cli/terminal/command_line.h"

namespace portalkey {

/// Adds `run`. If that is what the user asked for, `run` is set to what carries it out and returns the exit code.
void add_sandbox_run(Command program, std::function<int()>& run);

}  // namespace portalkey
