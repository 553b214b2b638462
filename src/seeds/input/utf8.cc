#include "seeds/input/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace portalkey {
namespace {

constexpr std::array<std::string_view, 4> kOddSpaces{"\xC2\xA0", "\xE2\x80\x8B", "\xE2\x80\xAF", "\xEF\xBB\xBF"};

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const auto [code, size] = utf8_character(text.substr(i));
    if (size == 0) return i;
    i += size;
  }
  return std::string_view::npos;
}

std::string name_character(std::string_view text, std::size_t at) {
  const auto [code, size] = utf8_character(text.substr(at));
  if (size == 0) return fmt::format("byte 0x{:02X}", static_cast<unsigned char>(text[at]));
  if (code == ' ') return "a blank";
  const auto number = fmt::format("U+{:04X}", static_cast<std::uint32_t>(code));
  // Controls, and what is invisible or turns the writing direction, would not be seen or would garble the message.
  const bool unseen = code < 0x20 || (code >= 0x7F && code <= 0xA0) || (code >= 0x2000 && code <= 0x206F) || code >= 0xE000;
  if (unseen) return number;
  return code < 0x80 ? fmt::format("`{}`", text.substr(at, 1)) : fmt::format("`{}` ({})", text.substr(at, size), number);
}

std::size_t odd_space(std::string_view text) {
  for (const auto space : kOddSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

std::string_view trimmed_unicode_slowly(std::string_view text) {
  for (;;) {
    const std::size_t before = text.size();
    text = trimmed(text);
    for (const auto space : kOddSpaces) {
      if (text.starts_with(space)) text.remove_prefix(space.size());
      if (text.ends_with(space)) text.remove_suffix(space.size());
    }
    if (text.size() == before) return text;
  }
}

namespace {

/// Where the first control character is; npos: nowhere.
std::size_t control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    const unsigned c = byte(i), second = byte(i + 1), third = byte(i + 2);
    if (c < 0x20 || c == 0x7f) return i;
    if (c == 0xC2 && second >= 0x80 && second <= 0x9F) return i;                  // U+0080 to U+009F
    if (c == 0xE2 && second == 0x80 && third >= 0xAA && third <= 0xAE) return i;  // U+202A to U+202E
    if (c == 0xE2 && second == 0x81 && third >= 0xA6 && third <= 0xA9) return i;  // U+2066 to U+2069
  }
  return std::string_view::npos;
}

}  // namespace

bool has_control_character(std::string_view text) {
  unsigned suspicious = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    suspicious |= static_cast<unsigned>(byte < 0x20) | static_cast<unsigned>(byte >= 0x7f);
  }
  return suspicious != 0 && control_character(text) != std::string_view::npos;
}

std::string what_control_character(std::string_view text) {
  const auto at = control_character(text);
  if (at == std::string_view::npos) return {};
  const char c = text[at];
  const auto name = c == '\n' || c == '\r' ? std::string("a line break")
                    : c == '\t'            ? std::string("a tab")
                    : c == '\0'            ? std::string("a NUL byte")
                                           : fmt::format("the control character {}", name_character(text, at));
  return fmt::format("{} at position {}", name, at + 1);
}

}  // namespace portalkey
