#include "cli/terminal/terminal_paste.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/secret_text.h"
#include "cli/terminal/output.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestLine = 32 << 10;  // an address has up to 4,000 characters

/// Bytes of a descriptor, as lines.
class Lines : public PastedLines {
 public:
  explicit Lines(int from) : from_(from) { line_.reserve(kLongestLine); }  // so that growing leaves no copies
  ~Lines() override { wipe(line_); }

  int descriptor() const override { return ended_ ? -1 : from_; }

  std::optional<Secret> take() override {
    for (char c = 0; there_is_more();) {
      const ssize_t n = ::read(from_, &c, 1);  // by itself: what follows a line's end stays for whoever reads next
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
      constexpr char kCtrlD = 4, kCtrlU = 21, kDelete = 127;
      if (n <= 0 || (c == kCtrlD && line_.empty())) {
        ended_ = true;
        return std::nullopt;
      }
      if (c == '\n' || c == '\r') {
        if (line_.empty()) continue;  // an Enter too many
        Secret line(line_);
        forget();
        return line;
      }
      if (c == kDelete || c == '\b') {
        if (!line_.empty()) line_.pop_back();
      } else if (c == kCtrlU) {
        forget();
      } else if (line_.size() < kLongestLine) {
        line_ += c;
      }
    }
    return std::nullopt;
  }

  void refuse(std::string_view why) override { say(fmt::format("  That is not it: {}.\n", why)); }

 private:
  bool there_is_more() const {
    pollfd readable{from_, POLLIN, 0};
    return ::poll(&readable, 1, 0) > 0;
  }
  void forget() {
    explicit_bzero(line_.data(), line_.size());
    line_.clear();
  }

  int from_;
  std::string line_;
  bool ended_ = false;
};

/// The terminal itself. Its own line editing, which takes 4,095 characters at most, is off, and so is its echo.
class Terminal final : public Lines {
 public:
  Terminal(int terminal, const termios& before) : Lines(terminal), terminal_(terminal), before_(before) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    ::tcsetattr(terminal_, TCSADRAIN, &silent);
  }
  ~Terminal() override {
    ::tcsetattr(terminal_, TCSADRAIN, &before_);
    ::close(terminal_);
  }

 private:
  int terminal_;
  termios before_;
};

}  // namespace

std::unique_ptr<PastedLines> paste_from_terminal() {
  if (const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY); terminal >= 0) {
    termios before{};
    // One in the background would be stopped by asking.
    if (::tcgetpgrp(terminal) == ::getpgrp() && ::tcgetattr(terminal, &before) == 0)
      return std::make_unique<Terminal>(terminal, before);
    ::close(terminal);
    return nullptr;
  }
  struct stat input{};
  if (::fstat(STDIN_FILENO, &input) == 0 && S_ISFIFO(input.st_mode)) return std::make_unique<Lines>(STDIN_FILENO);
  return nullptr;
}

}  // namespace portalkey
