#pragma once

namespace portalkey {

/// To be called first in main: no core dumps (RLIMIT_CORE 0), no ptrace or /proc/PID/mem by other processes of the same
/// user (PR_SET_DUMPABLE 0), and every block of heap that is freed, by us or by any library (libcurl, OpenSSL, libstdc++),
/// is overwritten (glibc's M_PERTURB), so that no freed copy of a secret survives. SIGPIPE is ignored.
void harden_process();

}  // namespace portalkey
