#include "seeds/input/secret_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/base64.h"
#include "otp/base32.h"
#include "seeds/input/plain_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/utf8.h"

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

std::string_view expected_of(SecretEncoding encoding) {
  switch (encoding) {
    case SecretEncoding::base32: return "base32: A-Z and 2-7";
    case SecretEncoding::hex: return "hex: an even number of 0-9 and a-f";
    case SecretEncoding::base64: return "base64: A-Z, a-z, 0-9, + and /";
    case SecretEncoding::detect: break;
  }
  return "base32 (A-Z and 2-7) or hex (0-9 and a-f)";
}

/// `SENT BY SEPARATE MAIL`: groups of a key have one size, but perhaps for the last, and a digit among so many letters.
bool looks_like_words(std::string_view field) {
  std::size_t groups = 0, size = 0, last = 0;
  bool even = true;
  while (!(field = trimmed(field)).empty()) {
    const auto group = field.substr(0, field.find_first_of(" \t"));
    field.remove_prefix(group.size());
    if (std::ranges::any_of(group, [](char c) { return to_lower(c) < 'a' || to_lower(c) > 'z'; })) return false;
    if (groups++ == 0) {
      size = group.size();
    } else {
      even = even && last == size;
    }
    last = group.size();
  }
  return groups > 1 && !(even && last <= size);
}

bool is_base64_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// A text of its characters that has more of them than base32 and hex together.
bool may_be_base64(std::string_view field) {
  constexpr std::size_t kLeast = 14;  // 10 bytes
  const auto text = field.substr(0, field.find_last_not_of('=') + 1);
  const bool marks = text.find_first_of("+/") != std::string_view::npos;
  const bool both_cases = std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; }) &&
                          std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return text.size() >= kLeast && (marks || both_cases) && std::ranges::all_of(text, is_base64_character);
}

std::unexpected<FieldProblem> impossible_base32(std::size_t n) {
  return problem(fmt::format("{} characters cannot be base32: at least one is missing or too many", n));
}

}  // namespace

SecretKeyText::~SecretKeyText() { explicit_bzero(text_.data(), text_.size()); }

std::expected<Reading, FieldProblem> SecretKeyText::read(std::string_view field, SecretEncoding encoding) {
  auto reading = read_as(stands_for_nothing(field) ? std::string_view() : field, encoding);
  if (reading && looks_like_words(field)) {
    reading = problem("these are words, it seems, and no secret key",
                      "Take the key from the vendor's file. If this is it, write it without blanks.");
  }
  if (reading) return reading;
  auto& why = reading.error();
  if (encoding != SecretEncoding::base64 && may_be_base64(field)) {
    why.remedy += " If the keys are base64, say [[setting|secret-encoding|base64]].";
  }
  if (why.expected.empty()) why.expected = expected_of(encoding);
  return reading;
}

std::expected<Reading, FieldProblem> SecretKeyText::read_as(std::string_view field, SecretEncoding encoding) {
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
  const auto is_of_urls = [](char c) { return c == '-' || c == '_'; };
  const bool of_urls = text.find_first_of("-_") != std::string_view::npos && text.find_first_of("+/") == std::string_view::npos;
  const auto fits = [&](char c) { return is_base64_character(c) || (of_urls && is_of_urls(c)); };
  if (const auto bad = std::ranges::find_if_not(text, fits); bad != text.end()) {
    const auto at = static_cast<std::size_t>(bad - text.begin());
    return problem(fmt::format("character {} at position {} is not base64", name_character(text, at), at + 1));
  }
  std::string padded;
  padded.reserve(kMost + 4);
  padded = text;
  std::ranges::replace(padded, '-', '+');  // RFC 4648 §5
  std::ranges::replace(padded, '_', '/');
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
  auto answer = illegal == field.size() ? read_as({kept.data(), size}, encoding)
                                        : problem(fmt::format("character {} at position {} cannot be in a secret key",
                                                              name_character(field, illegal), illegal + 1));
  explicit_bzero(kept.data(), kept.size());
  return answer;
}

bool has_base64_key_size(std::string_view key) {
  constexpr std::size_t kUsualBytes[] = {16, 20, 32, 64};
  const auto text = key.substr(0, key.find_last_not_of('=') + 1);
  return std::ranges::all_of(text, is_base64_character) && text.size() % 4 != 1 && key.size() - text.size() <= 2 &&
         std::ranges::find(kUsualBytes, text.size() * 3 / 4) != std::end(kUsualBytes);
}

std::size_t only_base64(std::string_view key) {
  if (const auto at = key.find_first_of("+/"); at != std::string_view::npos) return at;
  const bool beyond_hex = std::ranges::any_of(key, [](char c) { return to_lower(c) > 'f' && to_lower(c) <= 'z'; });
  return beyond_hex ? key.find_first_of("0189") : std::string_view::npos;
}

namespace {

constexpr std::size_t kPeriodOfText = 8, kPeriodOfBytes = 5;  // TESTTEST…, deadbeef…

/// After how many characters, at most `most`, a text begins again, up to its end; 0: it does not.
std::size_t period_of(std::string_view text, std::size_t most) {
  for (std::size_t period = 1; period <= most && (period == 1 || 2 * period <= text.size()); ++period) {
    if (text.size() <= period || text.substr(period) == text.substr(0, text.size() - period)) return period;
  }
  return 0;
}

}  // namespace

std::optional<FieldProblem> why_no_secret(std::string_view base32, bool allow_short_keys) {
  constexpr std::size_t kLeastBits = 80;
  constexpr std::string_view kNotReal =
      "Take the token's own key from the vendor's file; this one is an example or was left blank.";
  const std::size_t bytes = bytes_of_base32(base32.size());
  // Bits that are left over at the end belong to no byte, and are zero where a program has written them.
  const auto whole = base32.substr(0, bytes * 8 / 5);
  std::size_t period = period_of(whole, kPeriodOfText);
  if (period == 0) {
    if (const auto key = decode_base32(base32))
      period = key->reveal([](std::string_view text) { return period_of(text, kPeriodOfBytes); });
  }
  if (period != 0) {
    return FieldProblem{fmt::format("the key is {} again and again: anybody can compute its codes",
                                    period == 1 ? "one character" : "a few characters"),
                        std::string(kNotReal), "a key that nobody can guess", "a placeholder"};
  }
  if (bytes * 8 < kLeastBits && !allow_short_keys) {
    return FieldProblem{fmt::format("the key has only {} bits, which can be found by trying; RFC 4226 asks for 128", bytes * 8),
                        "Take the token's own key from the vendor's file. If this is all of it: [[setting|allow-short-keys]].",
                        "128 bits or more; 80 give a warning", "an example from a manual, or a key that was cut off"};
  }
  return std::nullopt;
}

std::optional<FieldProblem> warning_of_key_in_key(std::string_view base32) {
  constexpr std::size_t kLeastBytes = 16, kLeastHexBytes = 32;
  if (bytes_of_base32(base32.size()) < kLeastBytes) return std::nullopt;
  const auto key = decode_base32(base32);
  if (!key) return std::nullopt;
  const std::string_view inside = key->reveal([](std::string_view bytes) -> std::string_view {
    const auto all = [&](auto fits) { return std::ranges::all_of(bytes, fits); };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (all(is_digit)) return {};  // the keys of the RFCs' examples are such texts
    if (all([](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7') || c == '='; })) return "base32";
    const bool hex = all([&](char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); });
    return hex && bytes.size() >= kLeastHexBytes ? "hex" : std::string_view();
  });
  if (inside.empty()) return std::nullopt;
  FieldProblem problem{
      fmt::format("the key's bytes are themselves the text of a key in {}: it was encoded twice, it seems, and "
                  "the device makes other codes",
                  inside),
      "Ask the vendor; [[check-code]] compares a code that the device shows."};
  problem.warning = true;
  return problem;
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
