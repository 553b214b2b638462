#include <algorithm>
#include <map>

#include "base/tasks.h"
#include "http/chain.h"

namespace portalkey {
namespace {

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
    Window& window = windows_.try_emplace(host, Window{static_cast<double>(rules_.first)}).first->second;
    const auto room = [&] { return window.in_flight < static_cast<std::size_t>(window.limit); };
    if (!tasks->wait(deadline.at, deadline.stop, room)) {
      if (deadline.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
      return std::unexpected(
          Error{Errc::throttled, "no time was left to wait for " + host, "Run the command again later.", {{"host", host}}});
    }
    const auto sent = clock_.steady_now();
    ++window.in_flight;
    auto answer = next_->send(request, deadline);
    --window.in_flight;
    const bool refused = answer ? answer->status == 429 || answer->status == 503 : answer.error().code == Errc::unavailable;
    window.answered(sent, clock_.steady_now(), refused, rules_.most);
    return answer;
  }

 private:
  std::unique_ptr<Http> next_;
  InFlightRules rules_;
  Clock& clock_;
  std::map<std::string, Window> windows_;
};

}  // namespace

std::unique_ptr<Http> make_limited(std::unique_ptr<Http> next, InFlightRules rules, Clock& clock) {
  return std::make_unique<Limited>(std::move(next), rules, clock);
}

}  // namespace portalkey
