#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/http.h"

namespace portalkey {

/// What the sign-in page sends the browser back with (RFC 6749 §4.1.2).
struct Redirect {
  Secret code;        ///< empty if the sign-in failed:
  std::string error;  ///< then Entra's word for why, and
  std::string error_description;
};

/// Listens on a free port of 127.0.0.1 for the one request that ends a sign-in in a browser.
class LoopbackListener {
 public:
  LoopbackListener();  ///< throws std::system_error if no port can be had
  ~LoopbackListener();
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  std::uint16_t port() const { return port_; }
  std::string redirect_uri() const;  ///< `http://localhost:PORT`, which public clients of Entra have registered

  /// Waits for `GET /?…` with the right `state`, answers it with a small page, and returns what it brought. Everything else
  /// (favicon, other pages' attempts, connections that say nothing) is answered with an error or dropped, and does not end the
  /// wait. needs_person: nobody came back in time; cancelled.
  Result<Redirect> await(std::string_view state, const Deadline& deadline, const Clock& clock);

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

/// What one HTTP request at the listener means: the redirect, or the status to refuse it with (400, 404, 405).
std::expected<Redirect, int> read_redirect(std::string_view request, std::string_view state);

}  // namespace portalkey
