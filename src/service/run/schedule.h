#pragma once
// Work that comes again by itself, so that nothing else needs a timer: on one thread, one after the other.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace portalkey {

class Schedule {
 public:
  explicit Schedule(Clock& clock) : clock_(clock) {}
  ~Schedule() { stop(); }
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  /// Before start(). `first`: after the start. What `work` throws is logged and is no end.
  void add(std::string name, std::chrono::seconds first, std::chrono::seconds every, std::function<void()> work);
  void start();
  /// Returns when what is being done is done.
  void stop();
  /// Does what is due. Returns when the next is.
  SteadyTime do_due();

 private:
  struct Task {
    std::string name;
    SteadyTime next;
    std::chrono::seconds every;
    std::function<void()> work;
  };
  Clock& clock_;
  std::vector<Task> tasks_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace portalkey
