#pragma once

namespace portalkey {

/// To be called first in main: no core dumps (RLIMIT_CORE 0), no ptrace or /proc/PID/mem by other processes of the same
/// user (PR_SET_DUMPABLE 0). SIGPIPE is ignored, and so is SSLKEYLOGFILE. The three standard streams are open, so that no file
/// is taken for one of them. Where the process has more rights than who started it (set-user-ID, file capabilities), of the
/// environment only language, terminal and PATH count. What is freed is wiped by program/wiping_free.cc.
void harden_process();

}  // namespace portalkey
