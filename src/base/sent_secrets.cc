#include "base/sent_secrets.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"

namespace portalkey {
namespace {

constexpr std::size_t kFragment = 10;  // letters: 50 bits of a base32 key
constexpr std::size_t kShortest = 4;
constexpr std::size_t kKeyCharacters = 16;
constexpr std::uint64_t kWrap = 101'559'956'668'416;  // 36^9
constexpr int kDepth = 3;

/// 0 to 35; -1 for what spellings may differ in.
int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'z' ? c - 'a' + 10 : -1;
}

std::string reduced(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (digit_of(c) >= 0) out += to_lower(c);
  }
  return out;
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

/// The bytes of a text that is base32 and long enough to be a key; empty if it is none.
std::string key_bytes(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() < kKeyCharacters) return {};
  std::string out;
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    const char letter = to_lower(c);
    const bool is_letter = letter >= 'a' && letter <= 'z';
    if (!is_letter && !(c >= '2' && c <= '7')) return {};
    held = ((held << 5) | static_cast<unsigned>(is_letter ? letter - 'a' : c - '2' + 26)) & 0xFFFU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((held >> bits) & 0xFFU);
  }
  return out;
}

/// Base64 of the bytes where they begin 0, 1 or 2 bytes behind a multiple of three, without the characters that depend on what
/// stands before them.
std::vector<std::string> base64_within(std::string_view bytes) {
  std::vector<std::string> out;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string text = base64(std::string(shift, '\0') + std::string(bytes));
    out.push_back(text.substr(shift == 0 ? 0 : shift + 1));
    wipe(text);
  }
  return out;
}

/// A character of a text, and the bytes that spell it.
struct Unit {
  char character = 0;  // 0: something else than ASCII
  std::uint32_t begin = 0, end = 0;
};

std::vector<Unit> units_of(std::string_view text) {
  std::vector<Unit> out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8_character(text.substr(at));
    const std::size_t end = at + std::max<std::size_t>(size, 1);
    char character = 0;
    if (size == 1) character = text[at];
    if (code >= 0xFF01 && code <= 0xFF5E) character = static_cast<char>(code - 0xFF01 + '!');  // full-width
    out.push_back({character, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
    at = end;
  }
  return out;
}

/// Reads one escape, and how many units it is long.
struct Escape {
  char character = 0;
  std::size_t size = 0;
};

std::optional<Escape> escape_at(const std::vector<Unit>& units, std::size_t at, bool terminals_too) {
  const auto character = [&](std::size_t i) { return at + i < units.size() ? units[at + i].character : '\0'; };
  const auto number = [&](std::size_t begin, std::size_t least, std::size_t most, unsigned base, char32_t& code) {
    std::size_t size = 0;
    for (code = 0; size < most; ++size) {
      const int digit = digit_of(character(begin + size));
      if (digit < 0 || static_cast<unsigned>(digit) >= base) break;
      code = code * base + static_cast<unsigned>(digit);
    }
    return size < least ? std::size_t{0} : size;
  };
  const auto ascii = [](char32_t code) { return code < 0x80 ? static_cast<char>(code) : '\0'; };
  char32_t code = 0;
  switch (character(0)) {
    case '%':
      if (number(1, 2, 2, 16, code) != 0) return Escape{ascii(code), 3};
      break;
    case '\\': {
      const char kind = to_lower(character(1));
      if (kind == 'u' && number(2, 4, 4, 16, code) != 0) return Escape{ascii(code), 6};
      if (kind == 'x' && number(2, 2, 2, 16, code) != 0) return Escape{ascii(code), 4};
      if (kind == '\\' || kind == '/' || kind == '"' || kind == '\'') return Escape{kind, 2};
      if (kind == 'n' || kind == 'r' || kind == 't' || kind == 'b' || kind == 'f') return Escape{' ', 2};
      break;
    }
    case '&': {
      const bool hexadecimal = character(1) == '#' && to_lower(character(2)) == 'x';
      const std::size_t begin = hexadecimal ? 3 : 2;
      const std::size_t digits = character(1) == '#' ? number(begin, 1, 7, hexadecimal ? 16 : 10, code) : 0;
      if (digits != 0 && character(begin + digits) == ';') return Escape{ascii(code), begin + digits + 1};
      constexpr std::string_view kAmpersand = "&amp;";
      std::size_t same = 0;
      while (same < kAmpersand.size() && to_lower(character(same)) == kAmpersand[same]) ++same;
      if (same == kAmpersand.size()) return Escape{'&', same};
      break;
    }
    case '\x1B': {  // a terminal's sequence in the middle of a key
      if (!terminals_too || character(1) != '[') break;
      std::size_t size = 2;
      while (character(size) >= ' ' && character(size) < '@') ++size;
      if (character(size) >= '@') return Escape{' ', size + 1};
      break;
    }
    default: break;
  }
  return std::nullopt;
}

/// Undoes one layer of escapes; false if there is none.
bool unescape(std::vector<Unit>& units, bool terminals_too) {
  std::vector<Unit> out;
  out.reserve(units.size());
  bool any = false;
  for (std::size_t at = 0; at < units.size();) {
    const auto escape = escape_at(units, at, terminals_too);
    if (!escape) {
      out.push_back(units[at++]);
      continue;
    }
    any = true;
    out.push_back({escape->character, units[at].begin, units[at + escape->size - 1].end});
    at += escape->size;
  }
  units = std::move(out);
  return any;
}

bool keeps_structure(char c) { return std::string_view("\"\\,:{}[]<>").contains(c); }

}  // namespace

void SentSecrets::add_fragments(std::string_view spelling) {
  std::uint64_t value = 0;
  std::size_t count = 0;
  for (const char c : spelling) {
    const int digit = digit_of(c);
    if (digit < 0) continue;
    value = value % kWrap * 36 + static_cast<std::uint64_t>(digit);
    if (++count >= kFragment) fragments_.push_back(value);
  }
  sorted_ = false;
}

void SentSecrets::add(const Secret& secret) {
  secret.reveal([this](std::string_view text) {
    const auto spell = [this](std::string_view bytes) {
      add_fragments(hex(bytes));
      for (const auto& spelling : base64_within(bytes)) add_fragments(spelling);
    };
    std::string letters = reduced(text);
    if (letters.size() < kShortest) return;
    if (letters.size() < kFragment) short_ones_.push_back(letters);
    add_fragments(letters);
    spell(text);
    if (std::string bytes = key_bytes(text); !bytes.empty()) {
      spell(bytes);
      wipe(bytes);
    }
    wipe(letters);
  });
}

std::string SentSecrets::without(std::string_view text) {
  if (empty()) return std::string(text);
  if (!sorted_) {
    std::ranges::sort(fragments_);
    sorted_ = true;
  }
  std::vector<bool> hidden(text.size());
  std::vector<Unit> units = units_of(text);
  const auto hide = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i) {
      if (!keeps_structure(units[i].character))
        std::fill_n(hidden.begin() + units[i].begin, units[i].end - units[i].begin, true);
    }
  };
  const auto alone = [&](std::size_t first, std::size_t last) {
    return (first == 0 || digit_of(units[first - 1].character) < 0) &&
           (last + 1 == units.size() || digit_of(units[last + 1].character) < 0);
  };
  const auto hide_spelled = [&] {
    std::vector<std::size_t> places;  // of the letters and digits
    std::string letters;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (digit_of(units[i].character) < 0) continue;
      places.push_back(i);
      letters += to_lower(units[i].character);
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < letters.size(); ++i) {
      value = value % kWrap * 36 + static_cast<std::uint64_t>(digit_of(letters[i]));
      if (i + 1 >= kFragment && std::ranges::binary_search(fragments_, value)) hide(places[i + 1 - kFragment], places[i]);
    }
    for (const auto& code : short_ones_) {
      for (auto at = letters.find(code); at != std::string::npos; at = letters.find(code, at + 1)) {
        const auto first = places[at], last = places[at + code.size() - 1];
        if (alone(first, last)) hide(first, last);
      }
    }
  };
  // A terminal's sequence is undone in a second reading only: where one is begun and not ended, it takes in what stands behind
  // it.
  const auto whole = units;
  for (const bool terminals_too : {false, true}) {
    units = whole;
    for (int depth = 0; depth <= kDepth; ++depth) {
      if (depth > 0 && !unescape(units, terminals_too)) break;
      hide_spelled();
    }
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && hidden[i - 1] && text[i] == '=') hidden[i] = true;  // padding
    if (!hidden[i]) {
      out += text[i];
    } else if (i == 0 || !hidden[i - 1]) {
      out += "***";
    }
  }
  return out;
}

}  // namespace portalkey
