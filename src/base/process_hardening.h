#pragma once

namespace portalkey {

/// To be called first in main: no core dumps (RLIMIT_CORE 0), no ptrace or /proc/PID/mem by other processes of the same
/// user (PR_SET_DUMPABLE 0). SIGPIPE is ignored, and so is SSLKEYLOGFILE. What is freed is wiped by base/wiping_free.cc.
void harden_process();

}  // namespace portalkey
