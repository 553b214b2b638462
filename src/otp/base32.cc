#include "otp/base32.h"

#include <array>
#include <cstdint>

namespace portalkey {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr auto kValues = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    const auto c = static_cast<unsigned char>(kAlphabet[i]);
    values[c] = static_cast<signed char>(i);
    if (c >= 'A') values[c + 32U] = static_cast<signed char>(i);
  }
  return values;
}();

constexpr std::size_t kMostPadding = 6;

}  // namespace

Secret encode_base32(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);  // no growth, so no second copy of the key
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) out += kAlphabet[(bits >> (count - 5)) & 31];
  }
  if (count > 0) out += kAlphabet[(bits << (5 - count)) & 31];
  Secret secret(out);
  wipe(out);
  return secret;
}

std::expected<Secret, Base32Error> decode_base32(std::string_view text) {
  for (std::size_t n = 0; n < kMostPadding && text.ends_with('='); ++n) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = kValues[static_cast<unsigned char>(text[i])];
    if (value < 0) {
      wipe(out);
      return std::unexpected(Base32Error{Base32Error::Kind::illegal_character, i, text[i]});
    }
    bits = (bits << 5) | static_cast<std::uint32_t>(value);
    if (count += 5; count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xff);
    }
  }
  if (count >= 5) {  // a whole character more than the bytes need: 1, 3 or 6 beyond a multiple of 8
    wipe(out);
    return std::unexpected(Base32Error{Base32Error::Kind::impossible_length});
  }
  Secret secret(out);
  wipe(out);
  return secret;
}

}  // namespace portalkey
