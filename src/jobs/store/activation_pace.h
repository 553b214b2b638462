#pragma once
// The service allows 200 activations in 5 minutes for a tenant; the limit is planned for, not run into.
// Source: learn.microsoft.com/entra/identity/authentication/how-to-mfa-manage-oath-tokens.

#include <cstddef>
#include <deque>

#include "base/clock.h"
#include "base/error.h"

namespace portalkey {

struct ActivationLimit {
  std::size_t count = 200;  ///< 0: no limit
  std::chrono::seconds window{300};
};

/// Who may activate next: at most `count` in any `window`.
class ActivationPace {
 public:
  virtual ~ActivationPace() = default;
  virtual const ActivationLimit& limit() const = 0;
  /// 0: this one may be sent now, and counts. Otherwise how long to wait before asking again.
  virtual Result<std::chrono::milliseconds> take() = 0;
  /// The answer to one that was taken is there. The service counted it at some moment before: later is the safe side.
  virtual Result<void> answered() = 0;
  /// The least time `count` more activations take from now on.
  virtual std::chrono::seconds least_time(std::size_t count) = 0;
};

/// A sliding window over moments.
class SlidingWindow {
 public:
  explicit SlidingWindow(ActivationLimit limit) : limit_(limit) {}
  /// `taken`: how many count at every moment, because their answers are not there.
  std::chrono::milliseconds wait(SteadyTime now, std::size_t taken) const {
    if (limit_.count == 0) return std::chrono::milliseconds(0);
    if (taken >= limit_.count) return std::chrono::milliseconds(100);
    const std::size_t room = limit_.count - taken;
    if (sent_.size() < room) return std::chrono::milliseconds(0);
    const auto open = sent_[sent_.size() - room] + limit_.window;
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(open - now), std::chrono::milliseconds(0));
  }
  void add(SteadyTime at) {
    sent_.push_back(at);
    if (sent_.size() > limit_.count) sent_.pop_front();
  }
  std::chrono::seconds least_time(std::size_t count, SteadyTime now) const {
    if (count == 0 || limit_.count == 0) return std::chrono::seconds(0);
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

/// Of this process alone.
class OwnPace final : public ActivationPace {
 public:
  OwnPace(ActivationLimit limit, const Clock& clock) : limit_(limit), window_(limit), clock_(clock) {}
  const ActivationLimit& limit() const override { return limit_; }
  Result<std::chrono::milliseconds> take() override {
    const auto wait = window_.wait(clock_.steady_now(), taken_);
    if (wait.count() == 0) ++taken_;
    return wait;
  }
  Result<void> answered() override {
    --taken_;
    window_.add(clock_.steady_now());
    return {};
  }
  std::chrono::seconds least_time(std::size_t count) override {
    return window_.least_time(count + taken_, clock_.steady_now());
  }

 private:
  ActivationLimit limit_;
  SlidingWindow window_;
  const Clock& clock_;
  std::size_t taken_ = 0;
};

}  // namespace portalkey
