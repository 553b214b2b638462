#pragma once
// Work that takes turns on one thread: while one task waits, for an answer, for a moment, for another task, the others go on.
// Code in a task is written as if it had the thread for itself; Clock::sleep_for and the HTTP client (http/curl_http.h) wait by
// Tasks::wait when they are called in one.

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/clock.h"

namespace portalkey {

/// What goes on outside the thread while its tasks wait: the network.
class TaskIo {
 public:
  virtual ~TaskIo() = default;
  /// Returns as soon as something has happened that a task may wait for, or after `at_most`.
  virtual void poll(std::chrono::milliseconds at_most) = 0;
};

class Tasks {
 public:
  explicit Tasks(Clock& clock, std::stop_token stop = {});
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;
  ~Tasks();

  /// Adds a task; it begins when the ones before it wait.
  void start(std::function<void()> work);
  /// Until every task is done. If an exception leaves a task, every wait of the others throws one, too, and run() throws the
  /// first when all have ended.
  void run();
  /// fn(0) … fn(count-1), `at_once` of them at a time; returns when all are done. To be called in a task.
  void each(std::size_t count, std::size_t at_once, const std::function<void(std::size_t)>& fn);

  /// The Tasks whose task is running on this thread; null outside of any.
  static Tasks* here();

  /// Lets the others go on until `ready` (asked often: it must be quick), `until` or `stop`, whichever is first. To be called
  /// in a task. Returns whether it was ready, or, without `ready`, whether the time has come.
  bool wait(SteadyTime until, const std::stop_token& stop = {}, const std::function<bool()>& ready = {});

  /// To be polled while tasks wait; null: nothing. It must stay until it is taken back.
  void set_io(TaskIo* io) { io_ = io; }
  TaskIo* io() const { return io_; }

 private:
  class Task;
  bool due(const Task& task, SteadyTime now) const;
  void suspend(SteadyTime until, const std::stop_token& stop, const std::function<bool()>& ready);

  Clock& clock_;
  std::stop_token stop_;
  std::vector<std::unique_ptr<Task>> tasks_;
  Task* current_ = nullptr;
  TaskIo* io_ = nullptr;
  std::exception_ptr failure_;
};

}  // namespace portalkey
