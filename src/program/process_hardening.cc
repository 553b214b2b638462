#include "program/process_hardening.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey {
namespace {

/// A stream that was closed becomes one that cannot be written, as before.
void open_standard_streams() {
  int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
}

void forget_the_callers_environment() {
  std::vector<std::string> names;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view variable = *one;
    const auto name = variable.substr(0, variable.find('='));
    const bool harmless = name == "LANG" || name.starts_with("LC_") || name == "TERM" || name == "PATH";
    if (!harmless) names.emplace_back(name);
  }
  for (const auto& name : names) ::unsetenv(name.c_str());
}

}  // namespace

void harden_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  open_standard_streams();
  if (::getauxval(AT_SECURE) != 0) forget_the_callers_environment();
  std::signal(SIGPIPE, SIG_IGN);
  ::unsetenv("SSLKEYLOGFILE");  // libcurl would write the keys of its TLS sessions there
}

}  // namespace portalkey
