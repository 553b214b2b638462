#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace portalkey {

/// The ways in which managed identity endpoints write a moment: Unix seconds, `1/31/2026 12:00:00 AM +00:00` (2017 version;
/// also with 24 hours and without AM or PM), `2026-01-31T00:00:00Z` and with an offset or fraction.
std::optional<WallTime> parse_expiry(std::string_view text);

/// How long a token still lives, from `expires_on` or `expires_in`, whichever can be read; at most two days. Unreadable: five
/// minutes, so that the next use asks again.
std::chrono::seconds token_lifetime(const boost::json::object& answer, WallTime now);

}  // namespace portalkey
