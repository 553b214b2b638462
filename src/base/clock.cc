#include "base/clock.h"

#include <condition_variable>
#include <mutex>

#include "base/tasks.h"

namespace portalkey {

bool Clock::sleep_for(std::chrono::milliseconds duration, std::stop_token stop) {
  if (auto* tasks = Tasks::here()) return tasks->wait(steady_now() + duration, stop);
  return block_for(duration, std::move(stop));
}

bool SystemClock::block_for(std::chrono::milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace portalkey
