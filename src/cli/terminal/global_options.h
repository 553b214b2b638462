#pragma once
// What a run was told before its command: where it works, and as whom.

namespace portalkey {

struct Globals;

/// Once, when the command line is parsed: hints repeat it (pasteable.h).
void remember_global_options(const Globals& globals);

}  // namespace portalkey
