#pragma once
// Work that is done by several threads at once and used in its order by one.

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace portalkey {

/// Calls `produce(k, slot)` for every k under `count` on the calling thread and on up to `helpers` others, as far ahead as
/// there are slots, and `consume(k, slot)` on the calling thread alone, for k ascending. When `consume` says false, no more is
/// begun and the function returns once the helpers have ended. An exception from `produce` is thrown when its turn to be
/// consumed comes.
template <class Slot, class Produce, class Consume>
void in_order(std::span<Slot> slots, std::size_t count, unsigned helpers, const Produce& produce, const Consume& consume) {
  struct State {
    bool done = false;
    std::exception_ptr thrown;
  };
  std::vector<State> states(slots.size());
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t begun = 0, consumed = 0;
  bool stopping = false;

  const auto may_begin = [&] { return begun < count && begun < consumed + slots.size(); };
  const auto produce_next = [&](std::unique_lock<std::mutex>& lock) {
    const std::size_t k = begun++;
    State& state = states[k % slots.size()];
    lock.unlock();
    try {
      produce(k, slots[k % slots.size()]);
    } catch (...) {
      state.thrown = std::current_exception();
    }
    lock.lock();
    state.done = true;
    changed.notify_all();
  };

  struct Helpers {  // however the function is left
    std::vector<std::jthread> threads;
    std::mutex& mutex;
    std::condition_variable& changed;
    bool& stopping;
    ~Helpers() {
      {
        const std::lock_guard lock(mutex);
        stopping = true;
      }
      changed.notify_all();
    }
  } running{{}, mutex, changed, stopping};
  for (unsigned i = 0; i < helpers; ++i) {
    try {
      running.threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        for (;;) {
          changed.wait(lock, [&] { return stopping || may_begin(); });
          if (stopping) return;
          produce_next(lock);
        }
      });
    } catch (const std::system_error&) {  // no more threads are to be had: those there are do it all
      break;
    }
  }

  for (std::size_t k = 0; k < count; ++k) {
    State& state = states[k % slots.size()];
    {
      std::unique_lock lock(mutex);
      while (!state.done) {
        if (may_begin()) {
          produce_next(lock);
        } else {
          changed.wait(lock, [&] { return state.done; });
        }
      }
      state.done = false;
      if (state.thrown) std::rethrow_exception(std::exchange(state.thrown, nullptr));
    }
    if (!consume(k, slots[k % slots.size()])) return;
    {
      const std::lock_guard lock(mutex);
      consumed = k + 1;
    }
    changed.notify_all();
  }
}

}  // namespace portalkey
