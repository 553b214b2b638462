#pragma once

#include <memory>

#include "entra/credentials/pasted_lines.h"

namespace portalkey {

/// Lines that are pasted into the process's own terminal, whatever standard input is, and not shown there: they may hold a
/// code. Where it has none, or is not the one that the terminal talks to, lines of standard input if that is a pipe; otherwise
/// null. The terminal is as it was before once this is gone.
std::unique_ptr<PastedLines> paste_from_terminal();

}  // namespace portalkey
