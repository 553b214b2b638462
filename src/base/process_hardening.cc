#include "base/process_hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>

namespace portalkey {

void harden_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  std::signal(SIGPIPE, SIG_IGN);
  ::unsetenv("SSLKEYLOGFILE");  // libcurl would write the keys of its TLS sessions there
}

}  // namespace portalkey
