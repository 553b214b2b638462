#include "entra/credentials/loopback_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>
#include <vector>

#include "base/ascii.h"
#include "base/log.h"
#include "base/percent_encoding.h"

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

/// In a query `+` is a blank.
std::optional<std::string> decoded(std::string_view text) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    i += 2;
  }
  return out;
}

struct Connection {
  int socket;
  std::string received;
};

bool same(std::string_view a, std::string_view b) {  // takes as long however much of it is right
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// A page of another name that leads here (DNS rebinding) says that name.
bool is_for(std::string_view headers, std::uint16_t port) {
  std::optional<std::string_view> host;
  while (!headers.empty()) {
    const auto line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(line.size() + 2, headers.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_ignoring_case(line.substr(0, colon), "host")) continue;
    if (host) return false;
    host = trimmed(line.substr(colon + 1));
  }
  if (!host) return false;
  return std::ranges::any_of(std::initializer_list<std::string_view>{"localhost", "127.0.0.1", "[::1]"},
                             [&](std::string_view name) { return *host == fmt::format("{}:{}", name, port); });
}

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

}  // namespace

std::expected<Redirect, RefusedRequest> read_redirect(std::string_view request, std::string_view state, std::uint16_t port) {
  const auto refuse = [](int status) { return std::unexpected(RefusedRequest{status, false}); };
  const auto line = request.substr(0, request.find("\r\n"));
  const auto method = line.find(' ');
  const auto target_end = line.rfind(' ');
  if (method == std::string_view::npos || target_end <= method || !line.substr(target_end + 1).starts_with("HTTP/1.")) {
    return refuse(400);
  }
  if (!is_for(request.substr(std::min(line.size() + 2, request.size())), port)) return refuse(400);
  if (line.substr(0, method) != "GET") return refuse(405);
  std::string_view target = line.substr(method + 1, target_end - method - 1);
  if (!target.starts_with("/?")) return refuse(404);
  target.remove_prefix(2);
  std::map<std::string, std::string> values;
  while (!target.empty()) {
    const auto pair = target.substr(0, target.find('&'));
    target.remove_prefix(std::min(pair.size() + 1, target.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return refuse(400);
    if (!values.emplace(std::move(*name), std::move(*value)).second) return refuse(400);  // each once
  }
  Redirect out;
  out.code = Secret(values["code"]);
  wipe(values["code"]);
  out.error = values["error"];
  out.error_description = values["error_description"];
  out.issuer = values["iss"];
  if (out.code.empty() == out.error.empty()) return refuse(400);
  if (!same(values["state"], state)) return std::unexpected(RefusedRequest{400, true});
  return out;
}

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

Result<Redirect> LoopbackListener::await(std::string_view state, const Deadline& deadline, const Clock& clock) {
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  std::vector<Connection> open;
  std::size_t refused = 0;
  bool warned = false;
  const auto drop = [&](std::size_t i) {
    ::close(open[i].socket);
    wipe(open[i].received);
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
  };
  struct Closing {
    decltype(drop)& drop_one;
    std::vector<Connection>& open;
    int wake;
    ~Closing() {
      while (!open.empty()) drop_one(open.size() - 1);
      ::close(wake);
    }
  } closing{drop, open, wake};
  const std::stop_callback interrupt(deadline.stop, [wake] { (void)::eventfd_write(wake, 1); });

  for (;;) {
    if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted while waiting for the browser");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.at - clock.steady_now());
    if (left.count() <= 0) {
      return fail(Errc::needs_person, "nobody signed in with the browser in time",
                  "Start over; where no browser can reach this machine's 127.0.0.1, sign in by device code.");
    }
    if (refused > kMostRefused) {
      return fail(Errc::forbidden, "too many requests came to the sign-in's port of this machine that are not the browser's",
                  "See which program sends them (another account's, perhaps); then start over, or sign in by device code.");
    }
    std::vector<pollfd> waiting{{wake, POLLIN, 0}};
    for (const int socket : sockets_) waiting.push_back({socket, POLLIN, 0});
    for (const auto& connection : open) waiting.push_back({connection.socket, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000))) < 0) continue;

    for (std::size_t i = open.size(); i-- > 0;) {
      if (waiting[1 + sockets_.size() + i].revents == 0) continue;
      auto& [socket, received] = open[i];
      char buffer[4096];
      const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
      if (n > 0) received.append(buffer, static_cast<std::size_t>(n));
      explicit_bzero(buffer, sizeof buffer);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0 || received.size() > kLongestRequest) {
        if (n > 0) ++refused;
        drop(i);
        continue;
      }
      if (!received.contains("\r\n\r\n")) continue;
      auto redirect = read_redirect(received, state, port_);
      std::string answer;
      if (!redirect) {
        ++refused;
        if (redirect.error().other_state && !warned) {
          log(LogLevel::warning,
              "what came to the sign-in's port of this machine is the answer to another sign-in; it was refused, and the one "
              "begun here is still waited for");
          warned = true;
        }
        const int status = redirect.error().status;
        answer = page(status,
                      status == 404   ? "Not Found"
                      : status == 405 ? "Method Not Allowed"
                                      : "Bad Request",
                      "This is not the sign-in portalkey waits for.");
      } else {
        answer = page(200, "OK",
                      redirect->error.empty()
                          ? "The sign-in has arrived. You may close this window; the terminal says how it went."
                          : "The sign-in failed or was cancelled. The terminal says why; you may close this window.");
      }
      (void)!::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);  // small enough for the socket's buffer
      ::shutdown(socket, SHUT_WR);
      drop(i);
      if (redirect) return std::move(*redirect);
    }
    for (std::size_t at = 0; at < sockets_.size(); ++at) {
      if (waiting[1 + at].revents == 0) continue;
      const int socket = ::accept4(sockets_[at], nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (socket < 0) continue;
      if (open.size() == kConnections) drop(0);  // the one that has been silent longest
      open.push_back({socket, {}});
    }
  }
}

}  // namespace portalkey
