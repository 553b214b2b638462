#include "http/server_clock.h"

#include <algorithm>

#include "base/time_text.h"

namespace portalkey {

using std::chrono::milliseconds;

void ServerClock::observe(const Response& response) {
  const auto date = parse_http_date(response.header("date"));
  if (!date) return;
  const auto low = std::chrono::floor<milliseconds>(*date - response.received);
  const auto high = std::chrono::ceil<milliseconds>(*date + std::chrono::seconds(1) - response.sent);
  if (!known_ || low > high_ || high < low_) {  // the first answer, or one of the clocks was set meanwhile
    low_ = low;
    high_ = high;
    known_ = true;
    return;
  }
  low_ = std::max(low_, low);
  high_ = std::min(high_, high);
}

milliseconds ServerClock::offset() const { return known_ ? low_ + (high_ - low_) / 2 : milliseconds(0); }

milliseconds ServerClock::doubt() const { return known_ ? (high_ - low_) / 2 + milliseconds(1) : milliseconds(500); }

WallTime ServerClock::now() const { return local_.now() + offset(); }

}  // namespace portalkey
