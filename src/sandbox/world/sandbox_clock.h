#pragma once

#include "base/clock.h"

namespace portalkey::sandbox {

/// The sandbox's time: the real one, set off by what the admin API says. Every time in an answer comes from here, the
/// `Date` header included, so a test can let 90 days pass.
class SandboxClock {
 public:
  explicit SandboxClock(const Clock& real) : real_(real) {}
  WallTime now() const { return real_.now() + offset_; }
  std::int64_t seconds() const { return unix_seconds(now()); }
  std::int64_t milliseconds() const { return std::chrono::floor<std::chrono::milliseconds>(now()).time_since_epoch().count(); }
  std::chrono::seconds offset() const { return offset_; }
  void set_offset(std::chrono::seconds offset) { offset_ = offset; }

 private:
  const Clock& real_;
  std::chrono::seconds offset_{0};
};

}  // namespace portalkey::sandbox
