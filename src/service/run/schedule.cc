#include "service/run/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace portalkey {

void Schedule::add(std::string name, std::chrono::seconds first, std::chrono::seconds every, std::function<void()> work) {
  tasks_.push_back({std::move(name), clock_.steady_now() + first, every, std::move(work)});
}

SteadyTime Schedule::do_due() {
  auto next = SteadyTime::max();
  for (auto& task : tasks_) {
    if (clock_.steady_now() >= task.next) {
      try {
        task.work();
      } catch (const std::exception& error) {
        log(LogLevel::warning, fmt::format("{} failed unexpectedly: {}", task.name, error.what()));
      }
      task.next = clock_.steady_now() + task.every;
    }
    next = std::min(next, task.next);
  }
  return next;
}

void Schedule::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto next = do_due();
      std::unique_lock turn(mutex_);
      wake_.wait_until(turn, stop, next, [] { return false; });
    }
  });
}

void Schedule::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

}  // namespace portalkey
