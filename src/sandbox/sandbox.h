#pragma once

#include "base/error.h"
#include "sandbox/options.h"

namespace portalkey::sandbox {

/// Serves the emulated cloud on loopback until SIGINT or SIGTERM. Prints one line of JSON to standard output once it
/// answers (ports, CA file, tenant, accounts); the same is in `sandbox.json` in the folder.
Result<void> run_sandbox(const SandboxOptions& options);

}  // namespace portalkey::sandbox
