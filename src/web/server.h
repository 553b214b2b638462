#pragma once
// An HTTP/1.1 server, on loopback unless told otherwise: one thread, any number of connections. A slow or silent client costs a
// socket and a timer, never a thread. Handlers run on that thread and must not block.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "web/http_message.h"
#include "web/mishap.h"

namespace portalkey {

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct TlsIdentity {
  std::string chain_pem;  ///< the server's certificate first
  std::string key_pem;
};

struct ServerLimits {
  std::size_t body_bytes = 8UL * 1024 * 1024;  ///< more is answered 413
  std::size_t header_bytes = 64UL * 1024;      ///< more is answered 431
  std::chrono::milliseconds read{60'000};      ///< for a request to begin and its head to arrive, and again for its body
  std::chrono::milliseconds write{60'000};     ///< for the answer to be taken
};

class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds `address` (an IP address of this machine) and begins to accept once `run` is called; plain HTTP without `tls`. Port
  /// 0 lets the kernel choose. Returns the port. May be called several times, for several listeners.
  Result<std::uint16_t> listen(std::uint16_t port, std::optional<TlsIdentity> tls, HttpHandler handler,
                               ServerLimits limits = {}, const std::string& address = "127.0.0.1");
  /// The same, with mishaps on demand.
  Result<std::uint16_t> listen_misbehaving(std::uint16_t port, std::optional<TlsIdentity> tls, FaultyHandler handler,
                                           ServerLimits limits = {}, const std::string& address = "127.0.0.1");

  /// Serves until `stop`, on the calling thread.
  void run();
  /// From any thread, also before `run`.
  void stop();
  /// SIGINT and SIGTERM call `stop` from now on.
  void stop_on_signals();
  /// Calls `action` once on the serving thread.
  void after(std::chrono::milliseconds delay, std::function<void()> action);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace portalkey
