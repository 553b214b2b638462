#include "base/secret_text.h"

#include <cstdint>
#include <string>

#include "base/ascii.h"

namespace portalkey {
namespace {

enum class Encoding { utf8, utf16_little, utf16_big };

/// By the mark, or by the NUL that every other byte of ASCII text is.
Encoding encoding_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return Encoding::utf16_little;
  if (bytes.starts_with("\xFE\xFF")) return Encoding::utf16_big;
  if (bytes.size() < 4 || bytes.size() % 2 != 0) return Encoding::utf8;
  bool little = true, big = true;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    little = little && bytes[i] != '\0' && bytes[i + 1] == '\0';
    big = big && bytes[i] == '\0' && bytes[i + 1] != '\0';
  }
  return little ? Encoding::utf16_little : big ? Encoding::utf16_big : Encoding::utf8;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string utf8_of(std::string_view bytes, Encoding encoding) {
  std::string out;
  out.reserve(2 * bytes.size());  // so that no copy is left behind
  const auto unit = [&](std::size_t i) {
    const std::uint32_t a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return encoding == Encoding::utf16_little ? b << 8 | a : a << 8 | b;
  };
  for (std::size_t i = 0; i + 2 <= bytes.size(); i += 2) {
    std::uint32_t c = unit(i);
    if ((c & 0xFC00) == 0xD800 && i + 4 <= bytes.size() && (unit(i + 2) & 0xFC00) == 0xDC00) {
      c = 0x10000 + ((c & 0x3FF) << 10 | (unit(i + 2) & 0x3FF));
      i += 2;
    }
    append_utf8(out, c);
  }
  return out;
}

/// Without white space around it, and without no-break spaces and byte order marks.
std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kOdd[] = {"\xEF\xBB\xBF", "\xC2\xA0", "\xE2\x80\x8B"};
  for (;;) {
    const auto before = text.size();
    text = trimmed(text);
    for (const auto odd : kOdd) {
      if (text.starts_with(odd)) text.remove_prefix(odd.size());
      if (text.ends_with(odd)) text.remove_suffix(odd.size());
    }
    if (text.size() == before) return text;
  }
}

}  // namespace

Secret secret_in_text(std::string_view bytes) {
  const auto encoding = encoding_of(bytes);
  std::string decoded = encoding == Encoding::utf8 ? std::string() : utf8_of(bytes, encoding);
  auto text = without_blanks(encoding == Encoding::utf8 ? bytes : std::string_view(decoded));
  for (const char quote : {'"', '\''}) {
    if (text.size() > 2 && text.front() == quote && text.back() == quote) {
      text = without_blanks(text.substr(1, text.size() - 2));
      break;
    }
  }
  Secret secret(text);
  wipe(decoded);
  return secret;
}

}  // namespace portalkey
