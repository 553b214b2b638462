#pragma once
// A client that can do everything wrong.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace portalkey::web_test {

/// A blocking client socket. Reads give up after ten seconds, so that a broken server fails a test instead of hanging it.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ADD_FAILURE() << "connect";
  }
  Client(Client&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  ~Client() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }

  void send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// One answer: head and as many bytes as its Content-Length says. Sets `error` to errno if the connection broke.
  std::string answer(bool with_body = true) {
    error = 0;
    std::string head_and_body = std::exchange(left_, {});
    std::size_t want = std::string::npos;
    char chunk[4096];
    for (;;) {
      const auto end = head_and_body.find("\r\n\r\n");
      if (end != std::string::npos && want == std::string::npos) {
        const auto length = head_and_body.find("Content-Length: ");
        const std::size_t body = with_body && length < end ? std::stoul(head_and_body.substr(length + 16)) : 0;
        want = end + 4 + body;
      }
      if (head_and_body.size() >= want) {
        left_ = head_and_body.substr(want);
        return head_and_body.substr(0, want);
      }
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n < 0) error = errno;
      if (n <= 0) return head_and_body;
      head_and_body.append(chunk, static_cast<std::size_t>(n));
    }
  }
  std::string ask(std::string_view request) {
    send(request);
    return answer();
  }
  /// 0: closed properly.
  int read_to_end() const {
    char chunk[4096];
    for (;;) {
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n < 0) return errno;
      if (n == 0) return 0;
    }
  }

  /// No more will be sent; the other direction stays open.
  void end() const { ::shutdown(fd_, SHUT_WR); }
  /// All that comes until the server closes; sets `error` as answer().
  std::string everything() {
    error = 0;
    std::string all = std::exchange(left_, {});
    for (char chunk[4096];;) {
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n < 0) error = errno;
      if (n <= 0) return all;
      all.append(chunk, static_cast<std::size_t>(n));
    }
  }
  /// What comes until `text` is there, with what came after it.
  std::string until(std::string_view text) {
    std::string all = std::exchange(left_, {});
    for (char chunk[4096]; !all.contains(text);) {
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n <= 0) return all;
      all.append(chunk, static_cast<std::size_t>(n));
    }
    return all;
  }

  int error = 0;

 private:
  int fd_;
  std::string left_;
};

}  // namespace portalkey::web_test
