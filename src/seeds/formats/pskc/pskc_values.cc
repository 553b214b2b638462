#include "seeds/formats/pskc/pskc_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/secret.h"

namespace portalkey {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::optional<int> digits(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  const auto number = decimal(text);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

bool is_date(std::optional<int> year, std::optional<int> month, std::optional<int> day) {
  return year && month && day && *month >= 1 && *month <= 12 && *day >= 1 && *day <= 31;
}

}  // namespace

std::optional<std::string> base64_with_blanks(std::string_view text) {
  text = trimmed(text);
  if (std::ranges::none_of(text, is_blank)) return decode_base64(text);
  std::string compact(text);
  std::erase_if(compact, is_blank);
  auto bytes = decode_base64(compact);
  wipe(compact);
  return bytes;
}

std::optional<std::int64_t> pskc_number_of_bytes(std::string_view bytes) {
  if (const auto number = decimal(trimmed(bytes))) return number;
  if (bytes.empty() || bytes.size() > 8) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : bytes) number = (number << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> pskc_number(std::string_view text) {
  text = trimmed(text);
  if (const auto number = decimal(text)) return number;
  auto bytes = base64_with_blanks(text);
  if (!bytes) return std::nullopt;
  const auto number = pskc_number_of_bytes(*bytes);
  wipe(*bytes);
  return number;
}

bool is_boolean(std::string_view text) {
  text = trimmed(text);
  return text == "true" || text == "false" || text == "1" || text == "0" || text == "TRUE" || text == "FALSE";
}

std::optional<std::string> pskc_date(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 10) return std::nullopt;
  const auto part = [&](std::size_t from, std::size_t size) { return digits(text.substr(from, size)); };
  if (text[4] == '-' && text[7] == '-') {
    if (is_date(part(0, 4), part(5, 2), part(8, 2))) return std::string(text.substr(0, 10));
  } else if (text.size() == 10 && text[2] == '/' && text[5] == '/') {
    auto month = part(0, 2), day = part(3, 2);
    if (month && *month > 12) std::swap(month, day);
    if (const auto year = part(6, 4); is_date(year, month, day)) return fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
  }
  return std::nullopt;
}

std::string_view suite_of(std::string_view algorithm) {
  const auto hash = algorithm.rfind('#');
  if (hash != std::string_view::npos) algorithm.remove_prefix(hash + 1);
  return same_ignoring_case(algorithm.substr(0, 5), "ocra-") ? algorithm : std::string_view();
}

OtpType pskc_type(std::string_view algorithm) {
  algorithm = trimmed(algorithm);
  if (algorithm.empty()) return OtpType::unknown;
  if (!suite_of(algorithm).empty()) return OtpType::ocra;
  const auto end = algorithm.find_last_of(":#");
  const auto name = lower(end == std::string_view::npos ? algorithm : algorithm.substr(end + 1));
  if (name == "totp") return OtpType::totp;
  if (name == "hotp") return OtpType::hotp;
  if (name == "ocra") return OtpType::ocra;
  if (name == "pin") return OtpType::pin;
  return OtpType::other;
}

std::optional<Hash> pskc_hash(OtpType type, std::string_view suite) {
  if (type != OtpType::hotp && type != OtpType::totp) return std::nullopt;
  std::string name = lower(trimmed(suite));
  if (name.empty()) return Hash::sha1;
  std::erase_if(name, [](char c) { return c == '-' || c == '_' || c == ' '; });
  if (name.starts_with("hotp")) name.erase(0, 4);
  if (name.starts_with("totp")) name.erase(0, 4);
  if (name.starts_with("hmac")) name.erase(0, 4);
  // What follows may be the number of digits, as in HMAC-SHA1-6.
  if (name.starts_with("sha512")) return Hash::sha512;
  if (name.starts_with("sha256")) return Hash::sha256;
  if (name == "sha1" || name == "sha16" || name == "sha17" || name == "sha18") return Hash::sha1;
  return std::nullopt;
}

bool may_be_upn(std::string_view user) {
  const auto sign = user.find('@');
  return sign != std::string_view::npos && sign > 0 && sign + 1 < user.size() && user.rfind('@') == sign &&
         user.find_first_of(" \t\r\n,=") == std::string_view::npos;
}

}  // namespace portalkey
