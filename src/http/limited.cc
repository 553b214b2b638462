#include <algorithm>
#include <map>
#include <mutex>

#include "base/tasks.h"
#include "http/chain.h"

namespace portalkey {
namespace {

/// A place that another thread's request leaves free wakes nobody here: it is looked for this often.
constexpr std::chrono::milliseconds kLook{50};

/// Additive increase, multiplicative decrease (RFC 5681 §3.1), with its slow start.
struct Window {
  double limit;
  std::size_t in_flight = 0;
  bool throttled_yet = false;
  SteadyTime cut{};  // when it was made smaller

  void answered(SteadyTime sent, SteadyTime now, bool refused, std::size_t most) {
    if (!refused) {
      limit = std::min(limit + (throttled_yet ? 1 / limit : 1), static_cast<double>(most));
    } else if (sent >= cut) {  // those sent before tell what is known already
      limit = std::max(limit / 2, 1.0);
      cut = now;
      throttled_yet = true;
    }
  }
};

class Limited final : public Http {
 public:
  Limited(std::unique_ptr<Http> next, InFlightRules rules, Clock& clock)
      : next_(std::move(next)), rules_(rules), clock_(clock) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    auto* tasks = Tasks::here();
    if (tasks == nullptr) return next_->send(request, deadline);
    const std::string host(request.url.host());
    Window& window = window_of(host);
    while (!took_place(window)) {
      tasks->wait(std::min(deadline.at, clock_.steady_now() + kLook), deadline.stop, [&] { return has_room(window); });
      if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      if (clock_.steady_now() >= deadline.at && !has_room(window)) {
        return std::unexpected(
            Error{Errc::throttled, "no time was left to wait for " + host, "Run the command again later.", {{"host", host}}});
      }
    }
    const auto sent = clock_.steady_now();
    auto answer = next_->send(request, deadline);
    const bool refused = answer ? answer->status == 429 || answer->status == 503 : answer.error().code == Errc::unavailable;
    const std::lock_guard turn(mutex_);
    --window.in_flight;
    window.answered(sent, clock_.steady_now(), refused, rules_.most);
    return answer;
  }

 private:
  /// Which stays where it is.
  Window& window_of(const std::string& host) {
    const std::lock_guard turn(mutex_);
    return windows_.try_emplace(host, Window{static_cast<double>(rules_.first)}).first->second;
  }
  bool has_room(const Window& window) {
    const std::lock_guard turn(mutex_);
    return window.in_flight < static_cast<std::size_t>(window.limit);
  }
  bool took_place(Window& window) {
    const std::lock_guard turn(mutex_);
    const bool room = window.in_flight < static_cast<std::size_t>(window.limit);
    if (room) ++window.in_flight;
    return room;
  }

  std::unique_ptr<Http> next_;
  InFlightRules rules_;
  Clock& clock_;
  std::mutex mutex_;  // guards what follows; never held while a request is under way
  std::map<std::string, Window> windows_;
};

}  // namespace

std::unique_ptr<Http> make_limited(std::unique_ptr<Http> next, InFlightRules rules, Clock& clock) {
  return std::make_unique<Limited>(std::move(next), rules, clock);
}

}  // namespace portalkey
