#include "entra/loopback_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
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

#include "base/percent_encoding.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestRequest = 32 << 10;  // codes have up to 2,000 characters, a browser's cookies more
constexpr std::size_t kConnections = 32;           // browsers open some in advance

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

}  // namespace

std::expected<Redirect, int> read_redirect(std::string_view request, std::string_view state) {
  const auto line = request.substr(0, request.find("\r\n"));
  const auto method = line.find(' ');
  const auto target_end = line.rfind(' ');
  if (method == std::string_view::npos || target_end <= method || !line.substr(target_end + 1).starts_with("HTTP/1.")) {
    return std::unexpected(400);
  }
  if (line.substr(0, method) != "GET") return std::unexpected(405);
  std::string_view target = line.substr(method + 1, target_end - method - 1);
  if (!target.starts_with("/?")) return std::unexpected(404);
  target.remove_prefix(2);
  std::map<std::string, std::string> values;
  while (!target.empty()) {
    const auto pair = target.substr(0, target.find('&'));
    target.remove_prefix(std::min(pair.size() + 1, target.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::unexpected(400);
    if (!values.emplace(std::move(*name), std::move(*value)).second) return std::unexpected(400);  // each once
  }
  if (values["state"] != state) return std::unexpected(400);
  Redirect out;
  out.code = Secret(values["code"]);
  wipe(values["code"]);
  out.error = values["error"];
  out.error_description = values["error_description"];
  if (out.code.empty() == out.error.empty()) return std::unexpected(400);
  return out;
}

LoopbackListener::LoopbackListener() {
  const auto refuse = [](const char* what) { throw std::system_error(errno, std::generic_category(), what); };
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) refuse("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_, plain, size) != 0 || ::listen(socket_, 64) != 0 || ::getsockname(socket_, plain, &size) != 0) {
    const int problem = errno;
    ::close(socket_);
    errno = problem;
    refuse("listening on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
}

LoopbackListener::~LoopbackListener() { ::close(socket_); }

std::string LoopbackListener::redirect_uri() const { return fmt::format("http://localhost:{}", port_); }

Result<Redirect> LoopbackListener::await(std::string_view state, const Deadline& deadline, const Clock& clock) {
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  std::vector<Connection> open;
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
    std::vector<pollfd> waiting{{wake, POLLIN, 0}, {socket_, POLLIN, 0}};
    for (const auto& connection : open) waiting.push_back({connection.socket, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000))) < 0) continue;

    for (std::size_t i = open.size(); i-- > 0;) {
      if (waiting[i + 2].revents == 0) continue;
      auto& [socket, received] = open[i];
      char buffer[4096];
      const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
      if (n > 0) received.append(buffer, static_cast<std::size_t>(n));
      explicit_bzero(buffer, sizeof buffer);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0 || received.size() > kLongestRequest) {
        drop(i);
        continue;
      }
      if (!received.contains("\r\n\r\n")) continue;
      auto redirect = read_redirect(received, state);
      std::string answer;
      if (!redirect) {
        const int status = redirect.error();
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
    if (waiting[1].revents != 0) {
      const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (socket < 0) continue;
      if (open.size() == kConnections) drop(0);  // the one that has been silent longest
      open.push_back({socket, {}});
    }
  }
}

}  // namespace portalkey
