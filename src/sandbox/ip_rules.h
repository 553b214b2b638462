#pragma once

#include <arpa/inet.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portalkey::sandbox {

/// Addresses of an IPv4 block, as a vault's `ipRules` name them.
struct AddressBlock {
  std::uint32_t address = 0, mask = 0;
  bool contains(std::uint32_t one) const { return (one & mask) == (address & mask); }
};

inline std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

/// `203.0.113.5` or `203.0.113.0/24`.
inline std::optional<AddressBlock> parse_address_block(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ipv4(text.substr(0, slash));
  if (!address) return std::nullopt;
  unsigned bits = 32;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > 32) return std::nullopt;
  }
  return AddressBlock{*address, bits == 0 ? 0u : ~std::uint32_t{0} << (32 - bits)};
}

}  // namespace portalkey::sandbox
