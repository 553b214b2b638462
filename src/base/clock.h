#pragma once
// Time is injected: commands use SystemClock, tests a ManualClock, the sandbox a clock that can be set off.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>

namespace portalkey {

using WallTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual SteadyTime steady_now() const = 0;
  /// Waits for `duration`, or less if `stop` is requested. Returns false if it was cut short. In a task (base/tasks.h) only
  /// that task waits.
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop);

 private:
  /// Waits likewise, the whole thread.
  virtual bool block_for(std::chrono::milliseconds duration, std::stop_token stop) = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override { return std::chrono::system_clock::now(); }
  SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }

 private:
  bool block_for(std::chrono::milliseconds duration, std::stop_token stop) override;
};

/// Moves only when told, and when slept on; by whichever thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start) : wall_(start) {}
  WallTime now() const override { return wall_; }
  SteadyTime steady_now() const override { return steady_; }
  void advance(std::chrono::milliseconds by) {
    move(wall_, by);
    move(steady_, by);
  }
  /// As when somebody sets the computer's clock.
  void jump(std::chrono::milliseconds by) { move(wall_, by); }

 private:
  bool block_for(std::chrono::milliseconds duration, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    advance(duration);
    return true;
  }

  template <class Time>
  static void move(std::atomic<Time>& time, std::chrono::milliseconds by) {
    for (Time was = time; !time.compare_exchange_weak(was, was + by);) continue;
  }

  std::atomic<WallTime> wall_;
  std::atomic<SteadyTime> steady_{};
};

inline std::int64_t unix_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
/// Times that services name may be absurd: clamped to what WallTime can hold (1970 to the year 2116).
inline WallTime from_unix_seconds(std::int64_t seconds) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 62) / 1'000'000'000;
  return WallTime(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMost)));
}

}  // namespace portalkey
