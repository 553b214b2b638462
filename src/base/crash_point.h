#pragma once

namespace portalkey {

/// Numbered places between two durable steps, where tests kill the real binary: with PORTALKEY_TEST_CRASH_AT=N in the
/// environment the N-th call ends the process with SIGKILL. Without it the call costs one comparison.
void crash_point();

}  // namespace portalkey
