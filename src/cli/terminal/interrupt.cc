#include "cli/terminal/interrupt.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace portalkey {
namespace {

constexpr std::chrono::seconds kOneInterruption{1};

}  // namespace

std::stop_token stop_on_interrupt() {
  static std::stop_source source;
  static const bool started = [] {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // threads started later inherit this
    std::thread([signals] {
      int signal = 0;
      sigwait(&signals, &signal);
      source.request_stop();
      // An impatient finger, or a supervisor that signals the whole group beside the terminal, means one interruption.
      const auto first = std::chrono::steady_clock::now();
      do {
        sigwait(&signals, &signal);
      } while (std::chrono::steady_clock::now() - first < kOneInterruption);
      ::_exit(130);
    }).detach();
    return true;
  }();
  (void)started;
  return source.get_token();
}

}  // namespace portalkey
