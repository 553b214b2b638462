#include "service/callers/entra_keys.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/tasks.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestKeySet = std::size_t{512} * 1024;

}  // namespace

Result<std::shared_ptr<const EntraKey>> EntraKeys::key(std::string_view kid) {
  std::unique_lock lock(mutex_);
  for (bool asked = false;; asked = true) {
    const auto now = clock_.steady_now();
    if (set_ && now - set_at_ >= kKeysKeptFor) set_.reset();
    const EntraKey* found = set_ ? set_->find(kid) : nullptr;
    const bool fresh = found != nullptr && now - set_at_ < kKeysFreshFor;
    if (!fresh && !asked && !fetching_ && may_fetch(now)) {
      fetch(lock);
    } else if (found != nullptr) {
      return std::shared_ptr<const EntraKey>(set_, found);
    } else if (!asked && fetching_) {
      wait_for_other(lock);
    } else if (set_) {
      return fail(Errc::unauthenticated, "Entra has no signing key of the name in its header");
    } else {
      return fail(Errc::unavailable, "Entra's signing keys cannot be had");
    }
  }
}

bool EntraKeys::may_fetch(SteadyTime now) const {
  return !tried_ || now - tried_at_ >= (set_ ? kKeysPause : kKeysPauseWithoutAny);
}

void EntraKeys::fetch(std::unique_lock<std::mutex>& lock) {
  fetching_ = true;
  struct Ended {  // also when an exception leaves
    EntraKeys& keys;
    std::unique_lock<std::mutex>& lock;
    ~Ended() {
      if (!lock.owns_lock()) lock.lock();
      keys.fetching_ = false;
      keys.tried_ = true;
      keys.tried_at_ = keys.clock_.steady_now();
      ++keys.fetches_;
      keys.ended_.notify_all();
    }
  } const ended{*this, lock};
  lock.unlock();
  auto set = fetched();
  lock.lock();
  if (!set) {
    log(LogLevel::warning, fmt::format("Entra's signing keys could not be fetched: {}{}", set.error().what,
                                       set_ ? "; those that are known are used on" : ""));
    return;
  }
  set_ = std::make_shared<const EntraKeySet>(std::move(*set));
  set_at_ = clock_.steady_now();
}

void EntraKeys::wait_for_other(std::unique_lock<std::mutex>& lock) {
  const auto before = fetches_;
  if (Tasks* const tasks = Tasks::here()) {
    lock.unlock();
    tasks->wait(clock_.steady_now() + 2 * kKeysPatience, {}, [this, before] {
      const std::scoped_lock looking(mutex_);
      return fetches_ != before;
    });
    lock.lock();
  } else {
    ended_.wait(lock, [this, before] { return fetches_ != before; });
  }
}

Result<EntraKeySet> EntraKeys::fetched() {
  Request request;
  request.url = address_;
  auto answer = http_.send(request, Deadline::in(kKeysPatience, clock_));
  if (!answer) return pass(answer);
  if (answer->status != 200) return fail(Errc::unavailable, fmt::format("it answered {}", answer->status));
  if (answer->body.size() > kLongestKeySet) return fail(Errc::unavailable, "its key set is too long");
  return answer->body.reveal([](std::string_view text) { return EntraKeySet::read(text); });
}

}  // namespace portalkey
