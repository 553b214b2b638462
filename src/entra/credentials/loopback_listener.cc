#include "entra/credentials/loopback_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <vector>

#include "base/log.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestRequest = 32 << 10;  // codes have up to 2,000 characters, a browser's cookies more
constexpr std::size_t kConnections = 32;           // browsers open some in advance
constexpr std::size_t kMostRefused = 1000;         // before something is wrong
constexpr int kPortsTried = 20;

std::string page(int status, std::string_view reason, std::string_view text) {
  const std::string body = fmt::format(
      "<!doctype html><html lang=\"en\"><meta "
      "charset=\"utf-8\"><title>portalkey</title><body><h1>portalkey</h1><p>{}</p></body></html>",
      text);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{}",
      status, reason, body.size(), body);
}

struct Connection {
  int socket;
  std::string received;
};

int listen_at(const sockaddr* address, socklen_t size) {
  const int socket = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return -1;
  const int only = 1;
  if (address->sa_family == AF_INET6) ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (::bind(socket, address, size) == 0 && ::listen(socket, 64) == 0) return socket;
  const int problem = errno;
  ::close(socket);
  errno = problem;
  return -1;
}

/// What comes while a sign-in is waited for: connections, and what a person pastes.
class Arrivals {
 public:
  Arrivals(std::vector<int> sockets, std::uint16_t port, std::string_view state, PastedLines* pasted)
      : sockets_(std::move(sockets)), port_(port), state_(state), pasted_(pasted), wake_(::eventfd(0, EFD_CLOEXEC)) {}
  ~Arrivals() {
    while (!open_.empty()) drop(open_.size() - 1);
    ::close(wake_);
  }
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  void interrupt() const { (void)::eventfd_write(wake_, 1); }
  std::size_t refused() const { return refused_; }

  /// Waits for something to come, at most so long; the redirect if it was that.
  std::optional<Redirect> wait(std::chrono::milliseconds most) {
    std::vector<pollfd> waiting{{wake_, POLLIN, 0}, {pasted_ == nullptr ? -1 : pasted_->descriptor(), POLLIN, 0}};
    for (const int socket : sockets_) waiting.push_back({socket, POLLIN, 0});
    for (const auto& connection : open_) waiting.push_back({connection.socket, POLLIN, 0});
    const auto patience = static_cast<int>(std::min<std::int64_t>(most.count(), 1'000'000));
    if (::poll(waiting.data(), waiting.size(), patience) < 0) return std::nullopt;
    if (waiting[1].revents != 0) {
      if (auto redirect = read_paste()) return redirect;
    }
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (waiting[2 + sockets_.size() + i].revents == 0) continue;
      if (auto redirect = read_from(i)) return redirect;
    }
    for (std::size_t at = 0; at < sockets_.size(); ++at) {
      if (waiting[2 + at].revents != 0) accept_at(sockets_[at]);
    }
    return std::nullopt;
  }

 private:
  void drop(std::size_t i) {
    ::close(open_[i].socket);
    wipe(open_[i].received);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  void accept_at(int listening) {
    const int socket = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    if (open_.size() == kConnections) drop(0);  // the one that has been silent longest
    open_.push_back({socket, {}});
  }

  std::optional<Redirect> read_paste() {
    const auto line = pasted_->take();
    if (!line) return std::nullopt;
    auto redirect = line->reveal([&](std::string_view text) { return read_pasted(text, state_); });
    if (redirect) return std::move(*redirect);
    ++refused_;
    pasted_->refuse(redirect.error());
    return std::nullopt;
  }

  std::optional<Redirect> read_from(std::size_t i) {
    auto& [socket, received] = open_[i];
    char buffer[4096];
    const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
    if (n > 0) received.append(buffer, static_cast<std::size_t>(n));
    explicit_bzero(buffer, sizeof buffer);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
    if (n <= 0 || received.size() > kLongestRequest) {
      if (n > 0) ++refused_;
      drop(i);
      return std::nullopt;
    }
    if (!received.contains("\r\n\r\n")) return std::nullopt;
    auto redirect = read_redirect(received, state_, port_);
    if (!redirect) note(redirect.error());
    const std::string answer = page_for(redirect);
    (void)!::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);  // small enough for the socket's buffer
    ::shutdown(socket, SHUT_WR);
    drop(i);
    if (!redirect) return std::nullopt;
    return std::move(*redirect);
  }

  void note(const RefusedRequest& request) {
    ++refused_;
    if (!request.other_state || warned_) return;
    log(LogLevel::warning,
        "what came to the sign-in's port of this machine is the answer to another sign-in; it was refused, and the one "
        "begun here is still waited for");
    warned_ = true;
  }

  static std::string page_for(const std::expected<Redirect, RefusedRequest>& redirect) {
    if (!redirect) {
      const int status = redirect.error().status;
      return page(status,
                  status == 404   ? "Not Found"
                  : status == 405 ? "Method Not Allowed"
                                  : "Bad Request",
                  "This is not the sign-in portalkey waits for.");
    }
    return page(200, "OK",
                redirect->error.empty()
                    ? "The sign-in has arrived. You may close this window; the terminal says how it went."
                    : "The sign-in failed or was cancelled. The terminal says why; you may close this window.");
  }

  std::vector<int> sockets_;
  std::uint16_t port_;
  std::string_view state_;
  PastedLines* pasted_;
  int wake_;
  std::vector<Connection> open_;
  std::size_t refused_ = 0;
  bool warned_ = false;
};

}  // namespace

LoopbackListener::LoopbackListener() {
  const auto refuse = [](const char* what) { throw std::system_error(errno, std::generic_category(), what); };
  for (int attempt = 1;; ++attempt) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const int first = listen_at(reinterpret_cast<sockaddr*>(&address), size);
    if (first < 0) refuse("listening on 127.0.0.1");
    if (::getsockname(first, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      ::close(first);
      refuse("listening on 127.0.0.1");
    }
    sockaddr_in6 other{};
    other.sin6_family = AF_INET6;
    other.sin6_addr = in6addr_loopback;
    other.sin6_port = address.sin_port;
    const int second = listen_at(reinterpret_cast<sockaddr*>(&other), sizeof other);
    if (second < 0 && errno == EADDRINUSE && attempt < kPortsTried) {  // somebody else's: another port, then
      ::close(first);
      continue;
    }
    if (second < 0 && errno == EADDRINUSE) {
      ::close(first);
      errno = EADDRINUSE;
      refuse("listening on ::1");
    }
    sockets_ = {first};
    if (second >= 0) sockets_.push_back(second);  // otherwise there is no IPv6
    port_ = ntohs(address.sin_port);
    return;
  }
}

LoopbackListener::~LoopbackListener() {
  for (const int socket : sockets_) ::close(socket);
}

std::string LoopbackListener::redirect_uri() const { return fmt::format("http://localhost:{}", port_); }

Result<Redirect> LoopbackListener::await(std::string_view state, const Deadline& deadline, const Clock& clock,
                                         PastedLines* pasted) {
  Arrivals arrivals(sockets_, port_, state, pasted);
  const std::stop_callback interrupt(deadline.stop, [&] { arrivals.interrupt(); });
  for (;;) {
    if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted while waiting for the browser");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.at - clock.steady_now());
    if (left.count() <= 0) {
      return fail(
          Errc::needs_person, "nobody signed in with the browser in time; nothing was stored",
          "Start over ([[sign-in]]). Where no browser can reach this machine's port, paste the address that the browser "
          "ends at into the terminal, or forward the port, as the sign-in says.");
    }
    if (arrivals.refused() > kMostRefused) {
      return fail(Errc::forbidden, "too many requests came to the sign-in's port of this machine that are not the browser's",
                  "See which program sends them (another account's, perhaps); then start over, or sign in by device code: "
                  "[[sign-in-by-device-code]]");
    }
    if (auto redirect = arrivals.wait(left)) return std::move(*redirect);
  }
}

}  // namespace portalkey
