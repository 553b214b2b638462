#include "cli/terminal/confirm.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <string>

#include "base/ascii.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/output.h"

namespace portalkey {
namespace {

/// Standard input if it is a terminal, otherwise the process's own terminal.
class Keyboard {
 public:
  Keyboard() : fd_(::isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : ::open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;
  ~Keyboard() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

bool can_ask() { return stderr_is_terminal() && Keyboard().fd() >= 0; }

Result<bool> says_yes(std::string_view question) {
  const Keyboard keyboard;
  say(question);
  const auto stop = stop_on_interrupt();
  pollfd typing{keyboard.fd(), POLLIN, 0};
  while (!stop.stop_requested() && ::poll(&typing, 1, 50) == 0) {
  }  // a thread takes Ctrl-C: it does not interrupt a read here
  if (stop.stop_requested()) {
    say("\n");
    return fail(Errc::cancelled, "interrupted at the question; nothing was changed");
  }
  char line[64] = {};
  const ssize_t n = ::read(keyboard.fd(), line, sizeof line);
  const auto answer = trimmed(std::string_view(line, n > 0 ? static_cast<std::size_t>(n) : 0));
  if (n <= 0) say("\n");
  return answer == "y" || answer == "Y" || same_ignoring_case(answer, "yes");
}

}  // namespace portalkey
