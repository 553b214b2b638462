#pragma once
// A browser's side of the loopback redirect.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace portalkey {

inline int connect_to_loopback(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

/// Sends the text and reads to the end of the answer.
inline std::string say_to_loopback(std::uint16_t port, std::string_view text) {
  const int socket = connect_to_loopback(port);
  if (socket < 0) return "no connection";
  (void)!::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  std::string answer;
  char buffer[1024];
  for (ssize_t n = 0; (n = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<std::size_t>(n));
  ::close(socket);
  return answer;
}

}  // namespace portalkey
