#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace portalkey {

/// Decimal digits and nothing else, up to `most`.
inline std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || text.front() == '-' || value > most) {
    return std::nullopt;
  }
  return value;
}

}  // namespace portalkey
