#pragma once
// Whether a field is of the kind that nearly every row has. True: nothing is wrong with it. False: it must be looked at
// closely, and nothing may be wrong with it either (entra_fields.h, secret_key.h).

#include <algorithm>
#include <array>
#include <string_view>

namespace portalkey {

/// ASCII without control characters.
inline bool is_plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
}

/// Up to 64 decimal digits.
inline bool is_plain_serial(std::string_view serial) {
  return !serial.empty() && serial.size() <= 64 && std::ranges::all_of(serial, [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether a key of at least 16 characters begins again after 5 to 8, as those of a few characters do: equal bytes, too.
inline bool may_repeat(std::string_view key) {
  const auto again_after = [&](std::size_t size) { return key.substr(size, 8) == key.substr(0, 8); };
  return again_after(5) || again_after(6) || again_after(7) || again_after(8);
}

/// Up to 64 letters, digits, `.`, `-` and `_`, one @ without a dot before it, and a domain with a dot, of single dots, letters,
/// digits and hyphens between them.
inline bool is_plain_upn(std::string_view upn) {
  enum : unsigned char { kNone, kLetter, kDot, kHyphen, kUnderscore };
  static constexpr auto kKind = [] {
    std::array<unsigned char, 256> kind{};
    for (unsigned c = 'a'; c <= 'z'; ++c) kind[c] = kind[c - 32] = kLetter;
    for (unsigned c = '0'; c <= '9'; ++c) kind[c] = kLetter;
    kind['.'] = kDot;
    kind['-'] = kHyphen;
    kind['_'] = kUnderscore;
    return kind;
  }();
  const auto kind_of = [](char c) { return kKind[static_cast<unsigned char>(c)]; };
  const auto at = upn.find('@');
  if (upn.size() > 64 || at == 0 || at == std::string_view::npos || upn[at - 1] == '.') return false;
  for (const char c : upn.substr(0, at)) {
    if (kind_of(c) == kNone) return false;
  }
  bool has_dot = false;
  unsigned char before = kDot;
  for (const char c : upn.substr(at + 1)) {
    const unsigned char kind = kind_of(c);
    if (kind == kNone || kind == kUnderscore) return false;
    if (kind == kDot && before != kLetter) return false;
    if (kind == kHyphen && before == kDot) return false;
    has_dot |= kind == kDot;
    before = kind;
  }
  return has_dot && before == kLetter;
}

/// Upper-case base32 throughout with a letter that hex does not have; lengths that are a multiple of 16.
inline bool is_plain_base32(std::string_view key) {
  return !key.empty() && key.size() % 16 == 0 &&
         std::ranges::all_of(key, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); }) &&
         std::ranges::any_of(key, [](char c) { return c > 'F'; });
}

}  // namespace portalkey
