#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "base/ascii.h"
#include "base/log.h"
#include "base/time_text.h"
#include "http/chain.h"

namespace portalkey {
namespace {

using std::chrono::milliseconds;

class Retrying final : public Http {
 public:
  Retrying(std::unique_ptr<Http> next, RetryRules rules, Clock& clock, Random& random)
      : next_(std::move(next)), rules_(rules), clock_(clock), random_(random) {}

  Result<Response> send(const Request& request, const Deadline& deadline) override {
    const std::string host(request.url.host());
    milliseconds waited{0};
    for (int attempt = 1;; ++attempt) {
      if (const auto wait = closed_for(host); wait.count() > 0 && !sleep(wait, deadline, waited)) {
        return std::unexpected(Error{Errc::throttled,
                                     fmt::format("{} asked to wait longer than this run may take", host),
                                     "Run the command again later.",
                                     {{"host", host}}});
      }
      auto answer = next_->send(request, deadline);
      const int status = answer ? answer->status : 0;
      const bool asked = answer && !answer->header("retry-after").empty();
      const bool refused = status == 429 || (status == 503 && asked);  // the work was not begun
      const bool lost = !answer && answer.error().code == Errc::unavailable;
      const bool unsure = lost || status == 408 || status == 500 || (status >= 502 && status <= 504);  // it may have been done
      const bool again = refused || (unsure && request.idempotency == Idempotency::yes);
      if (!again || attempt == rules_.attempts) {
        if (!answer && attempt > 1) {
          return std::unexpected(std::move(answer)
                                     .error()
                                     .with("attempts", std::to_string(attempt))
                                     .with("waited", fmt::format("{} ms", waited.count())));
        }
        return answer;
      }
      // Throttled without a hint: 1, 2, 4, 8, 16 s, as Key Vault's guidance has it.
      milliseconds wait =
          status == 429 ? std::min(rules_.longest, milliseconds(1000) * (1 << std::min(attempt - 1, 20))) : backoff(attempt);
      if (answer) {
        if (const auto wish = retry_after(answer->header("retry-after"), clock_.now())) {
          wait = *wish;
          close(host, wait);
        }
      }
      log(LogLevel::info, fmt::format("{} https://{} answered {}: attempt {} of {}, again in {} ms", request.method, host,
                                      answer ? std::to_string(status) : "nothing", attempt, rules_.attempts, wait.count()));
      if (!sleep(wait, deadline, waited)) return answer;  // out of time, or told to stop: the last real answer says more
    }
  }

 private:
  milliseconds closed_for(const std::string& host) {
    const std::lock_guard turn(mutex_);
    const auto closed = closed_until_.find(host);
    if (closed == closed_until_.end()) return milliseconds(0);
    return std::chrono::ceil<milliseconds>(closed->second - clock_.steady_now());
  }

  void close(const std::string& host, milliseconds wait) {
    const std::lock_guard turn(mutex_);
    closed_until_[host] = clock_.steady_now() + wait;
  }

  milliseconds backoff(int attempt) {
    const auto most = std::min(rules_.longest, rules_.first * (1 << std::min(attempt - 1, 20)));
    const std::lock_guard turn(mutex_);
    return milliseconds(1 + random_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(most.count(), 1))));
  }

  bool sleep(milliseconds wait, const Deadline& deadline, milliseconds& waited) {
    if (clock_.steady_now() + wait >= deadline.at) return false;
    waited += wait;
    return clock_.sleep_for(wait, deadline.stop);
  }

  std::unique_ptr<Http> next_;
  RetryRules rules_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;  // guards what follows and random_; never held while a request is under way
  std::map<std::string, SteadyTime> closed_until_;
};

}  // namespace

std::optional<milliseconds> retry_after(std::string_view value, WallTime now) {
  value = trimmed(value);
  if (value.empty()) return std::nullopt;
  long seconds = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (problem == std::errc() && end == value.data() + value.size()) {
    return seconds < 0 ? std::nullopt : std::optional(milliseconds(std::min(seconds, 86'400L) * 1000));
  }
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::ceil<milliseconds>(*date - now), milliseconds(0), milliseconds(86'400'000));
}

std::unique_ptr<Http> make_retrying(std::unique_ptr<Http> next, RetryRules rules, Clock& clock, Random& random) {
  return std::make_unique<Retrying>(std::move(next), rules, clock, random);
}

}  // namespace portalkey
