#pragma once

#include <string_view>

#include "base/ascii.h"

namespace portalkey {

/// `00000000-0000-0000-0000-000000000000`, in either case.
constexpr bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = to_lower(text[i]);
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

}  // namespace portalkey
