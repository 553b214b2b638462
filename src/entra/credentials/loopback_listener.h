#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "entra/credentials/pasted_lines.h"
#include "entra/credentials/redirect.h"
#include "http/http.h"

namespace portalkey {

/// Listens on a free port of 127.0.0.1, and on the same of ::1 where there is IPv6, so that nobody else gets what a browser
/// sends to localhost, for the one request that ends a sign-in in a browser. Other accounts of this machine can connect as
/// well: what they say is refused for want of the state, which only Entra and the browser know.
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
  /// wait; what looks like another sign-in's answer is warned of. So is what is pasted meanwhile (nullptr: nothing can be): the
  /// first of the two ways that brings the answer ends the wait. needs_person: nobody came back in time; forbidden: too much
  /// came that was refused; cancelled.
  Result<Redirect> await(std::string_view state, const Deadline& deadline, const Clock& clock, PastedLines* pasted = nullptr);

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

}  // namespace portalkey
