#include "seeds/input/own_key.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "seeds/model/seed_format.h"

namespace portalkey {
namespace {

constexpr std::size_t kBytes = 9;  // of which the beginnings are spelled: 12 characters of base64

/// The number of a letter or digit, whatever its case; 0 of anything else.
constexpr auto kNumber = [] {
  std::array<unsigned char, 256> number{};
  for (unsigned char i = 0; i < 26; ++i) number['a' + i] = number['A' + i] = static_cast<unsigned char>(i + 1);
  for (unsigned char i = 0; i < 10; ++i) number['0' + i] = static_cast<unsigned char>(i + 27);
  return number;
}();
unsigned number_of(char c) { return kNumber[static_cast<unsigned char>(c)]; }

std::uint64_t used_in(std::string_view text) {
  std::uint64_t used = 0;
  for (const char c : text) used |= std::uint64_t{1} << number_of(c);
  return used;
}

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

}  // namespace

/// Of base32.
void OwnKey::Beginning::spell(std::string_view text) {
  size = std::min(text.size(), letters.size());
  std::ranges::transform(text.substr(0, size), letters.begin(), to_lower);
  used = used_in(this->text());
}

void OwnKey::Beginning::spell_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes.substr(0, letters.size() / 2)) {
    letters[size++] = kDigits[static_cast<unsigned char>(c) >> 4];
    letters[size++] = kDigits[static_cast<unsigned char>(c) & 15];
  }
  used = used_in(text());
}

/// RFC 4648 §4, in small letters and without the marks; bytes that are missing at the end are zero.
void OwnKey::Beginning::spell_base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789";
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) {
      const unsigned digit = three >> shift & 63;
      if (digit < kDigits.size() && size < letters.size()) letters[size++] = kDigits[digit];
    }
  }
  used = used_in(text());
}

OwnKey::OwnKey(std::string_view base32) {
  Bytes bytes = first_bytes(base32);
  const auto text = base32.substr(0, kBytes);
  auto& [as_it_is, hex, encoded, hex_of_text, encoded_text] = spellings_;
  as_it_is.spell(base32);
  hex.spell_hex(bytes.text());
  encoded.spell_base64(bytes.text());
  hex_of_text.spell_hex(text);
  encoded_text.spell_base64(text);
  explicit_bzero(&bytes, sizeof bytes);
}

OwnKey::~OwnKey() { explicit_bzero(spellings_.data(), sizeof spellings_); }

bool OwnKey::in(std::string_view field) const {
  // What lacks a letter of each spelling holds none: nearly every field.
  const std::uint64_t used = used_in(field);
  const bool maybe = std::ranges::any_of(spellings_, [&](const Beginning& spelling) { return (spelling.used & ~used) == 0; });
  return maybe && in_letters_of(field);
}

bool OwnKey::in_letters_of(std::string_view field) const {
  std::string letters;
  for (const char c : field) {
    if (number_of(c) != 0) letters += to_lower(c);
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
