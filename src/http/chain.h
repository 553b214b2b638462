#pragma once
// The one place that decides the order of the wire: Retrying(Limited(Guarded(Logged(the wire)))), so that each attempt has its
// own log line, counts as one in flight, and none goes to a host the profile does not name. The wire keeps what a request sends
// in secret out of its refusals (http/unechoed.h), so that nothing here can leave that out. Threads may share all of it, each
// with tasks of its own or with none.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/http.h"

namespace portalkey {

struct RetryRules {
  int attempts = 6;
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{60'000};
};

/// One log line per exchange at level debug: method, host, path without query, status, duration, attempt.
std::unique_ptr<Http> make_logged(std::unique_ptr<Http> next, const Clock& clock);

/// Refuses, before anything leaves, a request to a host that is not listed. An entry that begins with a dot stands for every
/// name below it.
std::unique_ptr<Http> make_guarded(std::unique_ptr<Http> next, std::vector<std::string> hosts);

/// How many requests to one host may be in flight: found out, not known.
struct InFlightRules {
  std::size_t first = 8;
  std::size_t most = 64;
};

/// Lets as many requests of tasks (base/tasks.h) be in flight to a host as it takes without throttling: one more with each
/// answer until the host says 429, answers 503 or nothing; then half, and one more per round of answers. Outside of tasks it
/// does nothing.
std::unique_ptr<Http> make_limited(std::unique_ptr<Http> next, InFlightRules rules, Clock& clock);

/// Repeats what may be repeated: 429 and 503 with Retry-After always (the work was not begun), lost answers and 408, 500,
/// 502-504 only for idempotent requests. Retry-After (seconds or a date) is obeyed and shared by all requests to the host;
/// 429 without it waits 1, 2, 4, 8, 16 s; otherwise exponential waits with full jitter. When time or attempts run out the last
/// real answer is returned.
std::unique_ptr<Http> make_retrying(std::unique_ptr<Http> next, RetryRules rules, Clock& clock, Random& random);

/// How long a Retry-After header asks to wait: seconds or an HTTP date (RFC 9110 §10.2.3). Nothing readable: nullopt.
std::optional<std::chrono::milliseconds> retry_after(std::string_view value, WallTime now);

}  // namespace portalkey
