#include "seeds/input/key_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostTextBytes = 1024;

std::unexpected<FieldProblem> problem(std::string what, std::string remedy) {
  return std::unexpected(FieldProblem{std::move(what), std::move(remedy)});
}

}  // namespace

std::expected<Secret, FieldProblem> key_of_text(std::string_view text, SecretEncoding encoding, SecretEncoding usually) {
  SecretKeyText key;
  std::string one_line(trimmed(text));
  std::erase_if(one_line, [](char c) { return c == '\n' || c == '\r'; });
  const bool asked = encoding != SecretEncoding::detect;
  auto reading = key.read(one_line, asked ? encoding : usually);
  if (!reading && !asked && has_base64_key_size(one_line) && only_base64(one_line) != std::string_view::npos)
    reading = key.read(one_line, SecretEncoding::base64);
  wipe(one_line);
  if (!reading) return std::unexpected(std::move(reading).error());
  switch (*reading) {
    case SecretKeyText::Reading::base32: return Secret(key.text());
    case SecretKeyText::Reading::hex: return base32_from_hex(key.text());
    case SecretKeyText::Reading::either: break;
  }
  return problem("the secret key could be base32 or hex",
                 "Ask the vendor, and give [[setting|secret-encoding|base32]] or hex.");
}

std::expected<Hash, FieldProblem> hash_of_text(std::string_view text) {
  std::string name = lower(trimmed(text));
  std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
  if (name.starts_with("hmac")) name.erase(0, 4);
  if (name == "sha1") return Hash::sha1;
  if (name == "sha256") return Hash::sha256;
  if (name == "sha512") return Hash::sha512;
  if (name == "md5")
    return problem("its hash is MD5, which no RFC allows for one-time passwords", "It cannot be used with Entra.");
  return problem("its hash is none that is known: SHA-1, SHA-256 or SHA-512", "Correct it after the vendor's data sheet.");
}

std::expected<std::int64_t, FieldProblem> number_of_text(std::string_view text, std::int64_t least, std::int64_t most) {
  text = trimmed(text);
  if (const auto dot = text.find('.'); dot != std::string_view::npos && dot + 1 < text.size() &&
                                       text.find_first_not_of('0', dot + 1) == std::string_view::npos) {
    text = text.substr(0, dot);
  }
  if (text.empty()) return problem("there is no value", "Fill it in after the vendor's data sheet.");
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return problem(most == kMostCounter ? fmt::format("it is no whole number from {}", least)
                                        : fmt::format("it is no whole number from {} to {}", least, most),
                   "Correct it after the vendor's data sheet.");
  }
  return number;
}

bool is_clean_text(std::string_view text) {
  return text.size() <= kMostTextBytes && first_invalid_utf8(text) == std::string_view::npos && !has_control_character(text);
}

std::string alike_serial(std::string_view serial) {
  std::string out;
  for (const char c : serial) {
    if (!is_blank(c)) out += to_upper(c);
  }
  const auto zeros = out.find_first_not_of('0');
  return zeros == std::string::npos ? "0" : out.substr(zeros);
}

bool is_alike_form(std::string_view serial) {
  return std::ranges::all_of(serial, [](char c) { return !is_blank(c) && c == to_upper(c); }) &&
         (serial == "0" || (!serial.empty() && serial.front() != '0'));
}

void describe(RowProblem& problem, FieldProblem&& why) {
  problem.what = std::move(why.what);
  problem.remedy = std::move(why.remedy);
  problem.expected = std::move(why.expected);
  problem.cause = std::move(why.cause);
}

bool may_quote_serial(std::string_view serial) {
  constexpr std::size_t kKeyLike = 16, kLongestNumber = 20;
  if (first_invalid_utf8(serial) != std::string_view::npos) return false;
  std::size_t size = 0;  // without what keys are grouped with
  bool number = true;
  for (const char c : serial) {
    if (c == ' ' || c == '-' || c == ':') continue;
    const bool digit = c >= '0' && c <= '9', letter = to_lower(c) >= 'a' && to_lower(c) <= 'z';
    if (!digit && !letter && c != '+' && c != '/' && c != '=') return true;  // no base32, base64 or hex
    number = number && digit;
    ++size;
  }
  return size < kKeyLike || (number && size <= kLongestNumber);
}

}  // namespace portalkey
