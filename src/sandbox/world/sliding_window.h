#pragma once

#include <cstdint>
#include <deque>

namespace portalkey::sandbox {

/// So many events in any stretch of so many seconds.
class SlidingWindow {
 public:
  SlidingWindow(std::size_t limit, std::int64_t seconds) : limit_(limit), milliseconds_(seconds * 1000) {}

  /// 0 if one more event fits now, else the milliseconds to wait. `now` is in milliseconds.
  std::int64_t wait(std::int64_t now) {
    while (!events_.empty() && events_.front() <= now - milliseconds_) events_.pop_front();
    // A clock set back would leave events in the future, and the window shut until then.
    while (!events_.empty() && events_.back() > now) events_.pop_back();
    if (limit_ == 0 || events_.size() < limit_) return 0;
    return events_[events_.size() - limit_] + milliseconds_ - now;
  }
  /// How much of the limit is used, after `wait`: 1.0 is all of it.
  double used() const { return limit_ == 0 ? 0.0 : static_cast<double>(events_.size()) / static_cast<double>(limit_); }
  void count(std::int64_t now) {
    if (limit_ > 0) events_.push_back(now);
  }
  void clear() { events_.clear(); }

 private:
  std::size_t limit_;
  std::int64_t milliseconds_;
  std::deque<std::int64_t> events_;
};

}  // namespace portalkey::sandbox
