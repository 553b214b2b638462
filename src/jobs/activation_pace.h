#pragma once
// The service allows 200 activations in 5 minutes for a tenant; the limit is planned for, not run into.
// Source: learn.microsoft.com/entra/identity/authentication/how-to-mfa-manage-oath-tokens.

#include <cstddef>
#include <deque>

#include "base/clock.h"

namespace portalkey {

struct ActivationLimit {
  std::size_t count = 200;
  std::chrono::seconds window{300};
};

/// A sliding window over the activations this process has sent.
class ActivationPace {
 public:
  explicit ActivationPace(ActivationLimit limit) : limit_(limit) {}

  /// How long to wait before the next one may be sent.
  std::chrono::milliseconds wait(SteadyTime now) const {
    if (sent_.size() < limit_.count) return std::chrono::milliseconds(0);
    const auto open = sent_[sent_.size() - limit_.count] + limit_.window;
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(open - now), std::chrono::milliseconds(0));
  }
  void sent(SteadyTime now) {
    sent_.push_back(now);
    if (sent_.size() > limit_.count) sent_.pop_front();
  }
  /// The least time `count` more activations take from now on.
  std::chrono::seconds least_time(std::size_t count, SteadyTime now) const {
    if (count == 0) return std::chrono::seconds(0);
    const std::size_t free_now = limit_.count - std::min(sent_.size(), limit_.count);
    if (count <= free_now) return std::chrono::seconds(0);
    const auto full_windows = static_cast<std::int64_t>((count - free_now - 1) / limit_.count);
    const auto first =
        sent_.empty() ? limit_.window : std::chrono::ceil<std::chrono::seconds>(sent_.front() + limit_.window - now);
    return std::max(first, std::chrono::seconds(0)) + limit_.window * full_windows;
  }

 private:
  ActivationLimit limit_;
  std::deque<SteadyTime> sent_;
};

}  // namespace portalkey
