#pragma once
// Versions that came after the newest one known here. A service that is asked for them would serve them; refusing them would
// only say that the sandbox is older than the client.

#include <algorithm>
#include <string_view>

namespace portalkey::sandbox {

/// `2026-02-01`, or with `-preview` or `-preview.1` behind it.
inline bool is_dated_version(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00", kPreview = "-preview";
  if (text.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '-' ? text[i] != '-' : !digit) return false;
  }
  const auto month = text.substr(5, 2), day = text.substr(8, 2);
  if (month < "01" || month > "12" || day < "01" || day > "31") return false;
  auto rest = text.substr(kShape.size());
  if (rest.empty()) return true;
  if (!rest.starts_with(kPreview)) return false;
  rest.remove_prefix(kPreview.size());
  return rest.empty() || (rest.size() > 1 && rest[0] == '.' && rest.find_first_not_of("0123456789", 1) == rest.npos);
}

/// Whether `asked` is well formed and its date lies behind that of `newest`.
inline bool is_newer_version(std::string_view asked, std::string_view newest) {
  return is_dated_version(asked) && asked.substr(0, 10) > newest.substr(0, 10);
}

}  // namespace portalkey::sandbox
