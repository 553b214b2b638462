#pragma once
// Completion on a command line: the script that a shell loads, and what that asks the program while somebody types.

#include <optional>

#include "cli/terminal/command.h"

namespace portalkey {

void add_completion_command(Command app, Run& run);

/// What a script asks: `portalkey __complete WORD...`, the last being the one to be completed. First a line that says what the
/// shell may offer too (files, folders or none), then a line for each candidate, with a tab before what it is. Nothing: the
/// command line is another.
std::optional<int> answer_completion(Command app, int argc, char** argv);

}  // namespace portalkey
