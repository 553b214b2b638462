#include "base/tasks.h"

#include <algorithm>
#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <exception>
#include <utility>

#include "base/fiber_sanitizers.h"

namespace portalkey {
namespace {

namespace context = boost::context;

constexpr std::size_t kStack = 256 * 1024;  // of which only what is used takes memory
constexpr std::chrono::seconds kLongestIdle{60};

thread_local Tasks* running = nullptr;

/// Ends a task because another has failed.
struct Abandoned final : std::exception {
  const char* what() const noexcept override { return "another task has failed"; }
};

}  // namespace

/// A stack of its own, and what it waits for.
class Tasks::Task {
 public:
  Task(std::function<void()> work, std::exception_ptr& failure)
      : stack_(allocator_.allocate()), sanitizers_(static_cast<const char*>(stack_.sp) - stack_.size, stack_.size) {
    fiber_ = context::fiber(std::allocator_arg, context::preallocated(stack_.sp, stack_.size, stack_), allocator_,
                            [this, work = std::move(work), &failure](context::fiber&& loop) mutable {
                              sanitizers_.arrived();
                              loop_ = std::move(loop);
                              try {
                                work();
                              } catch (const context::detail::forced_unwind&) {
                                throw;
                              } catch (...) {
                                if (!failure) failure = std::current_exception();
                              }
                              work = {};
                              sanitizers_.leaving_for_good();
                              return std::move(loop_);
                            });
  }

  bool done() const { return !fiber_; }
  void resume() {
    sanitizers_.entering();
    fiber_ = std::move(fiber_).resume();
    sanitizers_.back();
  }
  /// In the task: back to the loop.
  void suspend() {
    sanitizers_.leaving();
    loop_ = std::move(loop_).resume();
    sanitizers_.arrived();
  }

  SteadyTime until{};
  std::stop_token stop;
  const std::function<bool()>* ready = nullptr;

 private:
  context::protected_fixedsize_stack allocator_{kStack};
  context::stack_context stack_;  // the fiber gives it back
  FiberSanitizers sanitizers_;
  context::fiber fiber_, loop_;
};

Tasks::Tasks(Clock& clock, std::stop_token stop) : clock_(clock), stop_(std::move(stop)) {}
Tasks::~Tasks() = default;

Tasks* Tasks::here() { return running; }

void Tasks::start(std::function<void()> work) { tasks_.push_back(std::make_unique<Task>(std::move(work), failure_)); }

bool Tasks::due(const Task& task, SteadyTime now) const {
  return task.until <= now || failure_ || task.stop.stop_requested() ||
         (task.ready != nullptr && *task.ready && (*task.ready)());
}

void Tasks::run() {
  while (!tasks_.empty()) {
    bool progress = false;
    SteadyTime next = clock_.steady_now() + kLongestIdle;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {  // a task may add others
      Task& task = *tasks_[i];
      if (!due(task, clock_.steady_now())) {
        next = std::min(next, task.until);
        continue;
      }
      progress = true;
      current_ = &task;
      running = this;
      task.resume();
      running = nullptr;
      current_ = nullptr;
    }
    std::erase_if(tasks_, [](const auto& task) { return task->done(); });
    if (tasks_.empty()) break;
    const auto wait = progress ? std::chrono::milliseconds(0)
                               : std::max(std::chrono::ceil<std::chrono::milliseconds>(next - clock_.steady_now()),
                                          std::chrono::milliseconds(0));
    if (io_ != nullptr) {
      io_->poll(wait);
    } else if (wait.count() > 0) {
      clock_.sleep_for(wait, stop_.stop_requested() ? std::stop_token() : stop_);
    }
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Tasks::suspend(SteadyTime until, const std::stop_token& stop, const std::function<bool()>& ready) {
  Task& task = *current_;
  task.until = until;
  task.stop = stop;
  task.ready = &ready;
  task.suspend();
  task.ready = nullptr;
  task.stop = {};
  task.until = {};
}

bool Tasks::wait(SteadyTime until, const std::stop_token& stop, const std::function<bool()>& ready) {
  if (stop.stop_requested()) return false;
  if (ready && ready()) return true;
  suspend(until, stop, ready);
  if (failure_) throw Abandoned();
  return ready ? ready() : !stop.stop_requested();
}

void Tasks::each(std::size_t count, std::size_t at_once, const std::function<void(std::size_t)>& fn) {
  std::size_t next = 0, working = std::min(count, at_once);
  for (std::size_t i = working; i > 0; --i) {
    start([&] {
      const struct Done {
        std::size_t& working;
        ~Done() { --working; }
      } done{working};
      while (next < count && !failure_) fn(next++);
    });
  }
  // They work on this frame: it stays until they are done, whatever happens.
  while (working > 0) suspend(clock_.steady_now() + kLongestIdle, {}, [&] { return working == 0; });
  if (failure_) throw Abandoned();
}

}  // namespace portalkey
