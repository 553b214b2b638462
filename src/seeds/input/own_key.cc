#include "seeds/input/own_key.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/base64.h"
#include "seeds/model/seed_format.h"

namespace portalkey {
namespace {

constexpr std::size_t kBytes = 9;  // of which the beginnings are spelled: 12 characters of base64

bool is_plain(char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); }

struct Bytes {
  std::array<char, kBytes> bytes{};
  std::size_t size = 0;
  std::string_view text() const { return {bytes.data(), size}; }
};

Bytes first_bytes(std::string_view base32) {
  Bytes out;
  unsigned held = 0, bits = 0;
  for (const char c : base32) {
    if (out.size == kBytes) break;
    held = ((held << 5) | static_cast<unsigned>(to_lower(c) >= 'a' ? to_lower(c) - 'a' : c - '2' + 26)) & 0xFFFU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.bytes[out.size++] = static_cast<char>((held >> bits) & 0xFFU);
  }
  return out;
}

/// Ten hexadecimal digits are five bytes.
std::string hex_of_first(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes.substr(0, 5)) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

}  // namespace

void OwnKey::Beginning::add(std::string_view text) {
  for (const char c : text) {
    if (size == letters.size()) return;
    if (is_plain(c)) letters[size++] = to_lower(c);
  }
}

OwnKey::OwnKey(std::string_view base32) {
  Bytes bytes = first_bytes(base32);
  const auto text = base32.substr(0, kBytes);
  auto* spelling = spellings_.begin();
  (spelling++)->add(base32.substr(0, kBeginning));
  (spelling++)->add(bytes.text());
  for (const auto start : {bytes.text(), text}) {
    std::string hex = hex_of_first(start), encoded = base64(start);
    (spelling++)->add(hex);
    (spelling++)->add(encoded);
    wipe(hex);
    wipe(encoded);
  }
  explicit_bzero(&bytes, sizeof bytes);
}

OwnKey::~OwnKey() { explicit_bzero(spellings_.data(), sizeof spellings_); }

bool OwnKey::in(std::string_view field) const {
  std::string letters;
  for (const char c : field) {
    if (is_plain(c)) letters += to_lower(c);
  }
  const bool found = std::ranges::any_of(spellings_, [&](const Beginning& spelling) {
    // A beginning that is short is the whole of a short key, or says nothing.
    if (spelling.size < kBeginning) return &spelling == spellings_.data() && spelling.size != 0 && letters == spelling.text();
    return letters.contains(spelling.text());
  });
  wipe(letters);
  return found;
}

bool OwnKey::in_one_of(std::initializer_list<std::string_view> fields) const {
  return std::ranges::any_of(fields, [this](std::string_view field) { return in(field); });
}

FieldProblem own_key_problem() {
  return {"it holds the row's own secret key, which would be shown wherever it is",
          "Put the right value there, and take the file away from those who must not know its keys."};
}

std::string_view take_own_key_out(TokenSeed& token) {
  if (token.base32.empty()) return {};
  return token.base32.reveal([&](std::string_view base32) {
    const OwnKey key(base32);
    std::string_view column;
    const auto look = [&](std::string& text, std::string_view name) {
      if (!key.in(text)) return;
      wipe(text);
      if (column.empty()) column = name;
    };
    look(token.serial, name_of(Column::serial));
    look(token.upn, name_of(Column::upn));
    look(token.manufacturer, name_of(Column::manufacturer));
    look(token.model, name_of(Column::model));
    if (token.details) {
      auto& d = *token.details;
      for (auto* text : {&d.algorithm, &d.suite, &d.issuer, &d.label, &d.key_id, &d.user_id, &d.friendly_name, &d.assign_to})
        look(*text, "row");
    }
    return column;
  });
}

}  // namespace portalkey
