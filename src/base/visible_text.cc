#include "base/visible_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace portalkey {

bool is_unseen(char32_t code) {
  if (code < 0xAD) return false;
  const auto within = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
  return code == 0xAD || code == 0x34F || code == 0x61C || within(0x115F, 0x1160) || within(0x17B4, 0x17B5) ||
         within(0x180B, 0x180F) || within(0x200B, 0x200F) || within(0x202A, 0x202E) || within(0x2060, 0x206F) ||
         code == 0x3164 || within(0xFE00, 0xFE0F) || code == 0xFEFF || code == 0xFFA0 || within(0xFFF0, 0xFFFB) ||
         within(0x1BCA0, 0x1BCA3) || within(0x1D173, 0x1D17A) || within(0xE0000, 0xE0FFF);
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029; }

std::string visible_text(std::string_view text, char control, LineEnds line_ends) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [code, size] = utf8_character(text);
    if (size == 0) {
      append_utf8(out, 0xFFFD);
    } else if (is_control(code) && !(code == '\n' && line_ends == LineEnds::kept)) {
      out += control;
    } else if (!is_unseen(code)) {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string without_escape_sequences(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const bool c1 = text.starts_with("\xC2\x9B") || text.starts_with("\xC2\x9D");  // CSI, OSC in one character
    const bool introduced = text.starts_with("\x1B[") || text.starts_with("\x1B]");
    std::size_t end = 0;
    if (c1 || introduced) {
      const bool csi = text[1] == '[' || text[1] == '\x9B';
      const auto last = [csi](char c) { return csi ? c >= '@' && c <= '~' : c == '\x07' || c == '\x1B' || c == '\x9C'; };
      const auto rest = text.substr(2);
      end = static_cast<std::size_t>(std::ranges::find_if(rest, last) - rest.begin()) + 3;
      if (!csi && end <= text.size() && text[end - 1] == '\x1B' && end < text.size() && text[end] == '\\') ++end;
    }
    if (end == 0 || end > text.size()) {
      out += text.front();
      end = 1;
    }
    text.remove_prefix(end);
  }
  return out;
}

std::string escaped_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  const auto escape = [&](char32_t unit) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += "\\u";
    for (const int shift : {12, 8, 4, 0}) out += kDigits[(unit >> shift) & 15U];
  };
  while (!json.empty()) {
    const auto [code, size] = utf8_character(json);
    if (size == 0) {
      append_utf8(out, 0xFFFD);
    } else if (code < 0x7F || (!is_control(code) && !is_unseen(code))) {  // a serialiser has escaped what is below the blank
      out += json.substr(0, size);
    } else if (code < 0x10000) {
      escape(code);
    } else {
      escape(0xD800 + ((code - 0x10000) >> 10));
      escape(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    json.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string bounded_text(std::string text, std::size_t bytes) {
  constexpr std::string_view kMore = "...";
  if (text.size() <= bytes) return text;
  std::size_t end = bytes > kMore.size() ? bytes - kMore.size() : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  text.resize(end);
  return text += kMore;
}

}  // namespace portalkey
