#include "base/foreign_text.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/guid.h"
#include "base/key_like.h"
#include "base/visible_text.h"
#include "base/wipe_stack.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestCode = 64, kLongestId = 100;
constexpr std::size_t kLongestRead = 1 << 14;  // what is longer is no sentence; the rest is not looked at

bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool consists_of(std::string_view text, std::string_view signs) {
  return std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c) || signs.contains(c); });
}

}  // namespace

std::string foreign_text(std::string_view raw, std::size_t bytes) {
  const auto seen = visible_text(without_escape_sequences(raw.substr(0, kLongestRead)));
  auto text = bounded_text(without_keys(trimmed(seen)), bytes);
  wipe_stack_below();  // it may have been a secret
  return text;
}

std::string foreign_code(std::string_view raw) {
  const bool fits = !raw.empty() && raw.size() <= kLongestCode && is_letter(raw.front()) && consists_of(raw, "_-.");
  const bool shown = fits && !looks_like_key(raw);
  wipe_stack_below();
  return shown ? std::string(raw) : std::string();
}

std::string foreign_id(std::string_view raw) {
  if (is_guid(raw)) return std::string(raw);
  const bool fits = raw.size() <= kLongestId && consists_of(raw, "-:._");
  const bool shown = fits && !looks_like_key(raw);
  wipe_stack_below();
  return shown ? std::string(raw) : std::string();
}

}  // namespace portalkey
