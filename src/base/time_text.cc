#include "base/time_text.h"

#include <fmt/format.h>

#include <ctime>

namespace portalkey {
namespace {

std::optional<WallTime> parse(std::string_view text, const char* format, std::string_view* rest = nullptr) {
  if (text.contains('\0')) return std::nullopt;
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), format, &parts);
  if (end == nullptr) return std::nullopt;
  if (rest != nullptr) {
    *rest = text.substr(static_cast<std::size_t>(end - copy.c_str()));
  } else if (*end != '\0') {
    return std::nullopt;
  }
  return from_unix_seconds(timegm(&parts));
}

std::string print(WallTime time, const char* format) {
  const std::time_t seconds = unix_seconds(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char out[64];
  return std::string(out, std::strftime(out, sizeof out, format, &parts));
}

}  // namespace

// The program never calls setlocale, so day and month names are English.
std::string http_date(WallTime time) { return print(time, "%a, %d %b %Y %H:%M:%S GMT"); }
std::optional<WallTime> parse_http_date(std::string_view text) { return parse(text, "%a, %d %b %Y %H:%M:%S GMT"); }

std::string iso_time(WallTime time) { return print(time, "%Y-%m-%dT%H:%M:%SZ"); }

std::optional<WallTime> parse_iso_time(std::string_view text) {
  std::string_view rest;
  const auto time = parse(text, "%Y-%m-%dT%H:%M:%S", &rest);
  if (!time) return std::nullopt;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const auto digits = rest.find_first_not_of("0123456789");
    rest.remove_prefix(digits == std::string_view::npos ? rest.size() : digits);
  }
  return rest == "Z" ? time : std::nullopt;
}

std::string about(std::chrono::seconds duration) {
  const auto s = duration.count();
  if (s < 90) return fmt::format("{} s", s);
  if (s < 90L * 60) return fmt::format("{} min", (s + 30) / 60);
  if (s < 48L * 3600) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} days", s / 86400);
}

}  // namespace portalkey
