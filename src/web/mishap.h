#pragma once
// For a server whose purpose is to misbehave: the sandbox's. What serves people never has these types in hand.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "web/http_message.h"

namespace portalkey {

/// Faults below HTTP, for a server whose purpose is to misbehave. Those that are set happen in this order.
struct Mishap {
  bool hang = false;                                  ///< never answer; the connection stays open until the client gives up
  std::chrono::milliseconds delay{0};                 ///< before the answer; other connections are not held up
  bool reset_before_answer = false;                   ///< TCP RST instead of an answer
  std::optional<std::size_t> reset_after_body_bytes;  ///< the head and so many bytes of the body, then TCP RST
  std::size_t body_bytes_per_second = 0;              ///< 0 = at once
};

struct FaultyResponse : HttpResponse {
  FaultyResponse() = default;
  FaultyResponse(HttpResponse answer) : HttpResponse(std::move(answer)) {}

  std::optional<Mishap> mishap;
};

using FaultyHandler = std::function<FaultyResponse(const HttpRequest&)>;

}  // namespace portalkey
