#include "cli/terminal/age.h"

#include <charconv>
#include <cstdint>

namespace portalkey {

std::optional<std::chrono::seconds> read_age(const std::string& text) {
  constexpr std::int64_t kMostDays = 10'000, kMost = kMostDays * 86'400;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, count);
  if (problem != std::errc() || count < 1 || count > kMost || rest + 1 != end) return std::nullopt;
  const std::int64_t unit = *rest == 'd' ? 86'400 : *rest == 'h' ? 3'600 : *rest == 'm' ? 60 : *rest == 's' ? 1 : 0;
  if (unit == 0 || count > kMost / unit) return std::nullopt;
  return std::chrono::seconds(count * unit);
}

}  // namespace portalkey
