#include "http/server_clock.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.h"

namespace portalkey {

using std::chrono::milliseconds;

Error ServerClock::Disagreement::error() const {
  return {
      Errc::unavailable,
      fmt::format("the server says that it is {}, and this machine that it is {}: a code for a wrong time could not be told "
                  "from a right one, so none is made",
                  iso_time(server), iso_time(local)),
      "Set this machine's clock by the network (timedatectl set-ntp true). If it is right, look for a proxy that alters "
      "answers ([[examine]]), and run the same command again.",
      {}};
}

void ServerClock::observe(const Response& response) {
  const auto date = parse_http_date(response.header("date"));
  if (!date) return;
  const std::lock_guard turn(mutex_);
  const auto low = std::chrono::floor<milliseconds>(*date - response.received);
  if (low > kMostOffset || low < -kMostOffset) {
    disagreement_ = {*date, response.received};
    return;
  }
  disagreement_.reset();
  const auto high = std::chrono::ceil<milliseconds>(*date + std::chrono::seconds(1) - response.sent);
  if (!known_ || low > high_ || high < low_) {
    low_ = low;
    high_ = high;
    known_ = true;
    return;
  }
  low_ = std::max(low_, low);
  high_ = std::min(high_, high);
}

bool ServerClock::known() const {
  const std::lock_guard turn(mutex_);
  return known_;
}

milliseconds ServerClock::offset() const {
  const std::lock_guard turn(mutex_);
  return known_ ? low_ + (high_ - low_) / 2 : milliseconds(0);
}

std::optional<ServerClock::Disagreement> ServerClock::disagreement() const {
  const std::lock_guard turn(mutex_);
  return disagreement_;
}

milliseconds ServerClock::doubt() const {
  const std::lock_guard turn(mutex_);
  return known_ ? (high_ - low_) / 2 + milliseconds(1) : milliseconds(500);
}

WallTime ServerClock::now() const { return local_.now() + offset(); }

}  // namespace portalkey
