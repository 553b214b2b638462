#include "base/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/program_environment.h"

namespace portalkey {
namespace {

std::array<Descriptor, 2> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// A program's standard input is a socket: who writes to one that nobody reads gets an error and no signal.
std::array<Descriptor, 2> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// -1 for nowhere.
struct Streams {
  int in = -1, out = -1, err = -1;
};

Result<pid_t> spawn(const std::vector<std::string>& command, const Streams& streams) {
  const auto program = find_program(command.front());
  if (!program) return std::unexpected(program.error());
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  const auto send = [&](int stream, int to) {
    if (to >= 0) {
      ::posix_spawn_file_actions_adddup2(&actions, to, stream);
    } else {
      ::posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", stream == 0 ? O_RDONLY : O_WRONLY, 0);
    }
  };
  send(0, streams.in);
  send(1, streams.out);
  send(2, streams.err);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");  // some interpreters load code from the folder they are in
  // A group of its own, so that it can be ended with its children; and the signals as a program expects them at its start.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
  };
  const auto variables = program_environment();
  const auto arguments = pointers(command), environment = pointers(variables);
  pid_t child = 0;
  const int problem = ::posix_spawn(&child, program->c_str(), &actions, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) {
    return std::unexpected(Error{Errc::not_found,
                                 fmt::format("the program {} cannot be started ({})", command.front(), std::strerror(problem)),
                                 "Install it, or put its folder on PATH.",
                                 {}});
  }
  return child;
}

/// Reads what is there; false at the end.
template <class Take>
bool drain(const Descriptor& from, Take&& take) {
  char buffer[4096];
  const ssize_t n = ::read(from.get(), buffer, sizeof buffer);
  if (n > 0) take(std::string_view(buffer, static_cast<std::size_t>(n)));
  explicit_bzero(buffer, sizeof buffer);
  return n > 0 || (n < 0 && errno == EINTR);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Writes what the reader takes now; false once all is written, or nobody reads any more.
bool feed(const Descriptor& to, std::string_view& left) {
  const ssize_t n = ::send(to.get(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  left.remove_prefix(static_cast<std::size_t>(n));
  return !left.empty();
}

/// `input`: null for none.
Result<ProgramRun> run(const std::vector<std::string>& command, const std::string_view* input, const ProgramLimits& limits,
                       std::stop_token stop) {
  constexpr std::size_t kComplaints = 64 << 10;
  const auto end = std::chrono::steady_clock::now() + limits.time;
  auto out = make_pipe();
  auto err = make_pipe();
  const Descriptor wake(::eventfd(0, EFD_CLOEXEC));
  std::array<Descriptor, 2> in;
  if (input != nullptr) in = make_socket_pair();
  std::string_view unread = input == nullptr ? std::string_view() : *input;
  auto child = spawn(command, {in[1].get(), out[1].get(), err[1].get()});
  if (!child) return pass(child);
  in[1].close();
  if (unread.empty()) in[0].close();
  out[1].close();
  err[1].close();

  ProgramRun done;
  std::string output;
  output.reserve(limits.output_bytes);  // so that growing leaves no copies
  const char* trouble = nullptr;
  {
    const std::stop_callback interrupt(stop, [&] { (void)::eventfd_write(wake.get(), 1); });
    while (trouble == nullptr && (out[0].get() >= 0 || err[0].get() >= 0)) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) trouble = "did not end in time";
      if (stop.stop_requested()) trouble = "was interrupted";
      if (trouble != nullptr) break;
      std::array<pollfd, 4> waiting{pollfd{out[0].get(), POLLIN, 0}, pollfd{err[0].get(), POLLIN, 0},
                                    pollfd{wake.get(), POLLIN, 0}, pollfd{in[0].get(), POLLOUT, 0}};
      if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) break;
      if (waiting[0].revents != 0 && !drain(out[0], [&](std::string_view text) {
            if (output.size() + text.size() > limits.output_bytes) {
              trouble = "said too much";
            } else {
              output += text;
            }
          })) {
        out[0].close();
      }
      if (waiting[1].revents != 0 && !drain(err[0], [&](std::string_view text) {
            done.complaints += text.substr(0, kComplaints - std::min(kComplaints, done.complaints.size()));
          })) {
        err[0].close();
      }
      if (waiting[3].revents != 0 && !feed(in[0], unread)) in[0].close();
    }
  }
  done.output = Secret(output);
  wipe(output);
  if (trouble != nullptr) ::kill(-*child, SIGKILL);
  done.exit_code = wait_for(*child);
  if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  if (trouble != nullptr) {
    return fail(Errc::unavailable, fmt::format("{} {}", command.front(), trouble), "Run it by hand to see what it does.");
  }
  return done;
}

}  // namespace

Result<ProgramRun> run_program(const std::vector<std::string>& command, const ProgramLimits& limits, std::stop_token stop) {
  return run(command, nullptr, limits, stop);
}

Result<ProgramRun> run_filter(const std::vector<std::string>& command, const Secret& input, const ProgramLimits& limits,
                              std::stop_token stop) {
  return input.reveal([&](std::string_view text) { return run(command, &text, limits, stop); });
}

Result<void> start_program(const std::vector<std::string>& command) {
  auto child = spawn(command, {});  // never waited for: it ends when it likes, and init collects it after us
  if (!child) return pass(child);
  return {};
}

}  // namespace portalkey
