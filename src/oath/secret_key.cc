#include "oath/secret_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/base64.h"
#include "oath/base32.h"
#include "oath/csv/plain_fields.h"
#include "oath/utf8.h"

namespace portalkey {
namespace {

using Reading = SecretKeyText::Reading;

// What a character can be. The kept ones go into the text.
constexpr unsigned kBase32 = 1, kOnlyHex = 2, kOnlyBase32 = 4, kGap = 8, kColon = 16, kPad = 32, kIllegal = 64;
constexpr unsigned kKept = kBase32 | kOnlyHex;

constexpr auto kClass = [] {
  std::array<unsigned char, 256> of{};
  of.fill(kIllegal);
  for (unsigned c = 'A'; c <= 'Z'; ++c) of[c] = of[c + 32] = c <= 'F' ? kBase32 : kBase32 | kOnlyBase32;
  for (unsigned c = '2'; c <= '7'; ++c) of[c] = kBase32;
  for (const char c : {'0', '1', '8', '9'}) of[static_cast<unsigned char>(c)] = kOnlyHex;
  for (const char c : {' ', '\t', '-'}) of[static_cast<unsigned char>(c)] = kGap;
  of[static_cast<unsigned char>(':')] = kColon;
  of[static_cast<unsigned char>('=')] = kPad;
  return of;
}();

unsigned class_of(char c) { return kClass[static_cast<unsigned char>(c)]; }

constexpr std::size_t kLeastHexDigits = 20;  // 10 bytes, the shortest key in the wild
constexpr std::string_view kCopyAgain = "Copy the key again from the vendor's file.";

bool base32_length(std::size_t n) { return n % 8 != 1 && n % 8 != 3 && n % 8 != 6; }
bool hex_length(std::size_t n) { return n % 2 == 0 && n >= kLeastHexDigits; }
bool usual_hex_length(std::size_t n) { return n % 8 == 0 && n >= 32 && n <= 128; }

std::unexpected<FieldProblem> problem(std::string what, std::string_view remedy = kCopyAgain) {
  return std::unexpected(FieldProblem{std::move(what), std::string(remedy)});
}

std::size_t find_class(std::string_view field, unsigned classes) {
  return static_cast<std::size_t>(std::ranges::find_if(field, [&](char c) { return (class_of(c) & classes) != 0; }) -
                                  field.begin());
}

std::size_t count_class(std::string_view field, unsigned classes) {
  return static_cast<std::size_t>(std::ranges::count_if(field, [&](char c) { return (class_of(c) & classes) != 0; }));
}

std::unexpected<FieldProblem> not_base32(std::string_view field, std::size_t at) {
  std::string_view hint;
  switch (field[at]) {
    case '0': hint = "perhaps the letter O was meant"; break;
    case '1': hint = "perhaps the letter I or L was meant"; break;
    case '8': hint = "perhaps the letter B was meant"; break;
    case '9': hint = "base32 has the digits 2 to 7 only"; break;
    default: hint = "base32 is A-Z and 2-7"; break;
  }
  const auto name = field[at] == '0' ? std::string("0 (zero)") : field[at] == '1' ? "1 (one)" : name_character(field, at);
  return problem(fmt::format("character {} at position {} is not base32: {}", name, at + 1, hint),
                 "Ask the vendor for the right key: repairing it by guess gives a token that never activates.");
}

std::unexpected<FieldProblem> impossible_base32(std::size_t n) {
  return problem(fmt::format("{} characters cannot be base32: at least one is missing or too many", n));
}

}  // namespace

SecretKeyText::~SecretKeyText() { explicit_bzero(text_.data(), text_.size()); }

std::expected<Reading, FieldProblem> SecretKeyText::read(std::string_view field, SecretEncoding encoding) {
  begin_ = size_ = 0;
  decisive_ = false;
  if (field.empty()) return problem("there is no secret key", "Fill it in from the vendor's file, or remove the row.");
  if (field.size() > kMostCharacters) {
    return problem(fmt::format("{} characters are too many for a secret key", field.size()),
                   "Check that the columns are in place.");
  }
  if (encoding == SecretEncoding::base64) return read_base64(field);
  if (encoding != SecretEncoding::hex && is_plain_base32(field)) {
    std::ranges::copy(field, text_.data());
    size_ = field.size();
    decisive_ = true;
    return Reading::base32;
  }
  unsigned seen = 0;
  char* out = text_.data();
  for (const char c : field) seen |= class_of(c);
  if ((seen & ~(kKept | kOnlyBase32)) == 0) {
    for (const char c : field) *out++ = to_upper(c);
  } else {
    for (const char c : field) {
      *out = to_upper(c);
      out += (class_of(c) & kKept) != 0 ? 1 : 0;
    }
  }
  size_ = static_cast<std::size_t>(out - text_.data());
  if ((seen & kIllegal) != 0) return read_without_odd_spaces(field, encoding);
  if ((seen & kPad) != 0) {
    const auto after = field.substr(find_class(field, kPad));
    if ((kKept & class_of(after.back())) != 0 || count_class(after, kKept | kColon) != 0) {
      return problem(fmt::format("a = at position {} stands between other characters: it may only end a key",
                                 find_class(field, kPad) + 1));
    }
  }
  // `0x` can begin hex only: with it, X is no letter of the key.
  const bool marked = size_ > 2 && text_[0] == '0' && text_[1] == 'X' && encoding != SecretEncoding::base32 &&
                      count_class({text_.data() + 2, size_ - 2}, kOnlyBase32) == 0;
  if (marked) {
    begin_ = 2;
    seen &= ~kOnlyBase32;
  }
  const std::size_t n = size_ - begin_;
  if (n == 0) return problem("there is no secret key", "Fill it in from the vendor's file, or remove the row.");

  const bool base32_letters = !marked && (seen & (kOnlyHex | kColon)) == 0;
  const bool hex_letters = (seen & (kOnlyBase32 | kPad)) == 0;
  switch (encoding) {
    case SecretEncoding::base32:
      if (!base32_letters) return not_base32(field, find_class(field, kOnlyHex | kColon));
      if (!base32_length(n)) return impossible_base32(n);
      return Reading::base32;
    case SecretEncoding::hex:
      if (!hex_letters) {
        const std::size_t at = find_class(field, kOnlyBase32 | kPad);
        return problem(fmt::format("character {} at position {} is not a hex digit", name_character(field, at), at + 1));
      }
      if (n % 2 != 0) return problem(fmt::format("{} hex digits: two make a byte, so one is missing or too many", n));
      return Reading::hex;
    case SecretEncoding::base64:
    case SecretEncoding::detect: break;
  }
  const bool base32 = base32_letters && base32_length(n);
  const bool hex = hex_letters && hex_length(n);
  if (base32 && hex && usual_hex_length(n)) return Reading::either;
  if (base32) {
    decisive_ = (seen & (kOnlyBase32 | kPad)) != 0;
    return Reading::base32;
  }
  if (hex) {
    decisive_ = true;
    return Reading::hex;
  }
  return explain(field, seen);
}

/// RFC 4648 §4, with or without padding.
std::expected<Reading, FieldProblem> SecretKeyText::read_base64(std::string_view field) {
  constexpr std::size_t kMost = kMostCharacters * 5 / 6 / 4 * 4;  // base32 needs 6 characters for 5
  if (field.size() > kMost) return problem(fmt::format("{} characters are too many for a secret key", field.size()));
  const auto text = field.substr(0, field.find_last_not_of('=') + 1);
  const auto is_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  if (const auto bad = std::ranges::find_if_not(text, is_base64); bad != text.end()) {
    const auto at = static_cast<std::size_t>(bad - text.begin());
    return problem(fmt::format("character {} at position {} is not base64", name_character(text, at), at + 1));
  }
  std::string padded;
  padded.reserve(kMost + 4);
  padded = text;
  padded.append((4 - padded.size() % 4) % 4, '=');
  auto bytes = text.size() % 4 == 1 || field.size() - text.size() > 2 ? std::nullopt : decode_base64(padded);
  wipe(padded);
  if (!bytes || bytes->empty()) {
    return problem(fmt::format("{} characters cannot be base64: the end is missing or damaged", field.size()));
  }
  encode_base32(*bytes).reveal([&](std::string_view base32) {
    std::ranges::copy(base32, text_.data());
    size_ = base32.size();
  });
  wipe(*bytes);
  decisive_ = true;
  return Reading::base32;
}

/// Why a text of legal characters is neither.
std::expected<Reading, FieldProblem> SecretKeyText::explain(std::string_view field, unsigned seen) {
  const std::size_t n = size_ - begin_;
  if ((seen & kOnlyHex) == 0 && (seen & kColon) == 0 && begin_ == 0) return impossible_base32(n);
  if ((seen & (kOnlyBase32 | kPad)) == 0) {
    if (n % 2 != 0) return problem(fmt::format("{} hex digits: two make a byte, so one is missing or too many", n));
    return problem(fmt::format("{} hex digits are too few for a key, and base32 has no 0, 1, 8 or 9", n));
  }
  // Both kinds of characters. The rarer kind is the mistake.
  if (count_class(field, kOnlyHex) > count_class(field, kOnlyBase32)) {
    const std::size_t at = find_class(field, kOnlyBase32 | kPad);
    const char c = to_upper(field[at]);
    const std::string_view hint = c == 'O'               ? ": perhaps 0 (zero) was meant"
                                  : c == 'I' || c == 'L' ? ": perhaps 1 (one) was meant"
                                                         : "";
    return problem(fmt::format("character {} at position {} is not a hex digit{}", name_character(field, at), at + 1, hint));
  }
  return not_base32(field, find_class(field, kOnlyHex | kColon));
}

/// No-break and zero-width spaces come with copying from a web page or a PDF, and mean nothing.
std::expected<Reading, FieldProblem> SecretKeyText::read_without_odd_spaces(std::string_view field, SecretEncoding encoding) {
  std::array<char, kMostCharacters> kept;
  std::size_t size = 0;
  std::size_t illegal = field.size();
  for (std::size_t i = 0; i < field.size() && illegal == field.size();) {
    if (const std::size_t space = odd_space(field.substr(i)); space != 0) {
      i += space;
    } else if ((class_of(field[i]) & kIllegal) != 0) {
      illegal = i;
    } else {
      kept[size++] = field[i++];
    }
  }
  auto answer = illegal == field.size() ? read({kept.data(), size}, encoding)
                                        : problem(fmt::format("character {} at position {} cannot be in a secret key",
                                                              name_character(field, illegal), illegal + 1));
  explicit_bzero(kept.data(), kept.size());
  return answer;
}

Secret base32_from_hex(std::string_view digits) {
  std::array<char, SecretKeyText::kMostCharacters / 2> bytes;
  const auto value = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'A' + 10); };
  const std::size_t size = std::min(digits.size() / 2, bytes.size());
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  Secret base32 = encode_base32({bytes.data(), size});
  explicit_bzero(bytes.data(), bytes.size());
  return base32;
}

}  // namespace portalkey
