#pragma once
// Dates as the wire and people write them.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace portalkey {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, IMF-fixdate).
std::string http_date(WallTime time);
/// Reads an IMF-fixdate; anything else is nullopt.
std::optional<WallTime> parse_http_date(std::string_view text);

/// `2026-01-01T00:00:00Z`, whole seconds.
std::string iso_time(WallTime time);
/// Reads `2026-01-01T00:00:00Z`, with any number of decimals of the second (they are dropped).
std::optional<WallTime> parse_iso_time(std::string_view text);

/// `45 s`, `3 min`, `4 h 10 min`, `12 days`: for a person who wants to know roughly.
std::string about(std::chrono::seconds duration);

}  // namespace portalkey
