#pragma once
// Questions to the person at the terminal.

#include <string_view>

#include "base/error.h"

namespace portalkey {

/// Somebody sees what is said, and can answer.
bool can_ask();

/// True only for y, Y or yes. The answer is read from the terminal, also where standard input is a file. cancelled: Ctrl-C.
Result<bool> says_yes(std::string_view question);

}  // namespace portalkey
