#pragma once
// What is said of a command line that means nothing.

#include "cli/terminal/command_line.h"

namespace portalkey {

/// Says on standard error what is wrong, and returns the exit code. `error` is what parsing threw.
int report_usage(Command program, const WrongUsage& error, int argc, char** argv);

}  // namespace portalkey
