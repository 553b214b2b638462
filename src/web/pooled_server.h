#pragma once
// The HTTP/1.1 server of the service: connections on one thread, handlers on threads of their own, so that one that waits for
// Entra or the disk holds nobody up. What is a request is in web/request_head.h. Knows nothing of routes or callers, and
// believes no `X-Forwarded-*`: the peer is who is connected. Nothing is decompressed; `Content-Encoding` is a header like any
// other.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "web/server.h"

namespace portalkey {

struct PooledServerOptions {
  std::string address = "127.0.0.1";  ///< an IP address of this machine
  std::uint16_t port = 0;             ///< 0: the kernel chooses
  std::optional<int> socket;          ///< one that listens already (from systemd); taken over, instead of address and port
  std::optional<TlsIdentity> tls;     ///< nullopt: plain HTTP, for behind a proxy
  /// `read`: for a request to begin, again for its whole head once it has begun, and again for its whole body. `write`: for the
  /// whole answer, or each piece of a BodySource. Who is slower is cut.
  ServerLimits limits;
  std::size_t handlers = 16;                    ///< threads
  std::size_t waiting = 1024;                   ///< requests that may wait for a thread; more are answered 503 with Retry-After
  std::size_t connections = 20'000;             ///< at once; more are closed at once
  std::chrono::milliseconds source_pause{500};  ///< between questions to a BodySource that had nothing
};

class PooledServer {
 public:
  /// Serves from now on, on threads of its own. `handler` is called by several threads at once; what it throws is logged and
  /// answered 500. Each connection is a file descriptor: the caller raises their limit.
  static Result<std::unique_ptr<PooledServer>> start(PooledServerOptions options, HttpHandler handler);
  /// As after drain() with no patience; waits for the handlers that are at work.
  ~PooledServer();
  PooledServer(const PooledServer&) = delete;
  PooledServer& operator=(const PooledServer&) = delete;

  std::uint16_t port() const;
  /// For connections that begin from now on; those that are there keep what they have. invalid_input: it cannot be used, and
  /// the one before stays; or the server speaks plain HTTP.
  Result<void> use_identity(const TlsIdentity& identity);
  /// Takes no new connection; idle ones are closed, requests that have begun are answered with `Connection: close`, bodies that
  /// come bit by bit are ended. Returns when nothing is left, or after `patience`, when what is left is cut off. True: nothing
  /// was cut off.
  bool drain(std::chrono::milliseconds patience);

 private:
  struct Impl;
  explicit PooledServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace portalkey
