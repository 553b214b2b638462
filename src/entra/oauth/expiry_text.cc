#include "entra/oauth/expiry_text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>

#include "base/ascii.h"
#include "entra/oauth/json_answer.h"

namespace portalkey {
namespace {

std::optional<WallTime> moment(int year, int month, int day, int hour, int minute, int second, int offset_minutes) {
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok() || year < 1970 || year > 2100 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute - offset_minutes) +
         std::chrono::seconds(second);
}

/// `+01:30`, `-0800`, `Z` or nothing.
int offset_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return 0;
  int hours = 0, minutes = 0;
  const std::string copy(text.substr(1));
  if (std::sscanf(copy.c_str(), "%2d:%2d", &hours, &minutes) < 2) std::sscanf(copy.c_str(), "%2d%2d", &hours, &minutes);
  return (text.front() == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<WallTime> parse_expiry(std::string_view given) {
  const std::string text(trimmed(given));
  if (text.empty()) return std::nullopt;
  if (std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem != std::errc()) return std::nullopt;
    return from_unix_seconds(seconds);
  }
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) == 6) {
    std::string_view rest = std::string_view(text).substr(static_cast<std::size_t>(used));
    if (rest.starts_with('.')) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    return moment(year, month, day, hour, minute, second, offset_of(rest));
  }
  if (std::sscanf(text.c_str(), "%2d/%2d/%4d %2d:%2d:%2d%n", &month, &day, &year, &hour, &minute, &second, &used) == 6) {
    std::string_view rest = trimmed(std::string_view(text).substr(static_cast<std::size_t>(used)));
    const std::string half = lower(rest.substr(0, 2));
    if (half == "am" || half == "pm") {
      rest.remove_prefix(2);
      if (hour <= 12) hour = hour % 12 + (half == "pm" ? 12 : 0);
    }
    return moment(year, month, day, hour, minute, second, offset_of(rest));
  }
  return std::nullopt;
}

std::chrono::seconds token_lifetime(const boost::json::object& answer, WallTime now) {
  constexpr std::chrono::seconds kMost = std::chrono::days(2), kUnreadable = std::chrono::minutes(5);
  std::optional<WallTime> end;
  if (const auto number = number_member(answer, "expires_on")) {
    end = from_unix_seconds(*number);
  } else {
    end = parse_expiry(text_member(answer, "expires_on"));
  }
  if (end && *end > now) return std::min(kMost, std::chrono::floor<std::chrono::seconds>(*end - now));
  // None, or this machine's clock is ahead of the one that wrote it.
  if (const auto number = number_member(answer, "expires_in"); number && *number > 0) {
    return std::min(kMost, std::chrono::seconds(std::min<std::int64_t>(*number, kMost.count())));
  }
  return kUnreadable;
}

}  // namespace portalkey
