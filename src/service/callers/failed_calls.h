#pragma once
// How often callers at an address failed to show who they are.

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace portalkey {

struct FailureLimit {
  std::size_t count = 20;          ///< in a minute, of one address; at least 1
  std::size_t addresses = 10'000;  ///< that are remembered one by one; the others share one count
};

/// By any thread. An IPv6 address counts with the network that it is in (/64), which one customer has for himself.
class FailedCalls {
 public:
  FailedCalls(FailureLimit limit, const Clock& clock) : limit_(limit), clock_(clock) {}

  /// Counts one, unless there are too many already: then false.
  bool add(std::string_view peer);
  std::size_t remembered() const;

 private:
  using Times = std::deque<SteadyTime>;  // of the last minute, oldest first
  void forget_old(SteadyTime now);

  const FailureLimit limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards the following
  std::unordered_map<std::string, Times> by_address_;
  SteadyTime looked_through_{};
};

/// The address, of IPv6 its first 64 bits; what is no address stays as it is, up to 64 bytes.
std::string network_of(std::string_view peer);

}  // namespace portalkey
