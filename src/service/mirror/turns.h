#pragma once
// A lock that is had in the order of asking: whoever takes it again and again keeps nobody waiting for more than once.

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace portalkey {

class Turns {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    const auto mine = next_++;
    over_.wait(lock, [&] { return now_ == mine; });
  }
  void unlock() {
    {
      const std::lock_guard lock(mutex_);
      ++now_;
    }
    over_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  std::uint64_t next_ = 0, now_ = 0;
};

}  // namespace portalkey
