#include "http/header_text.h"

#include <algorithm>

namespace portalkey {
namespace {

constexpr std::size_t kLongest = 32 << 10;

bool has_length(std::string_view text) { return !text.empty() && text.size() <= kLongest; }

}  // namespace

bool is_access_token(std::string_view text) {
  return has_length(text) && std::ranges::all_of(text, [](char c) {
           const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           return letter || (c >= '0' && c <= '9') || std::string_view("-._~+/=").contains(c);
         });
}

bool is_refresh_token(std::string_view text) {
  return has_length(text) &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && !std::string_view("\"'`<>{}\\").contains(c); });
}

Result<void> check_header(std::string_view name, std::string_view value) {
  const auto control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::none_of(name, control) && std::ranges::none_of(value, control)) return {};
  return fail(Errc::invalid_input,
              "what was to be sent in a header has line breaks or other control characters; nothing was sent",
              "Check the settings, files and variables that it comes from.");
}

}  // namespace portalkey
