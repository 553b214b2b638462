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

/// The range that a vault's `ipRules` may not name, in the service's words, if the block lies in one; else nullptr.
/// Source: github.com/Azure/azure-powershell/issues/11471 has the first; the others are written after it.
inline const char* forbidden_range(const AddressBlock& block) {
  struct Range {
    std::uint32_t first, mask;
    const char* name;
  };
  static constexpr Range kForbidden[] = {{0x0a000000, 0xff000000,
                                          "10.0.0.0\xe2\x80\x93"
                                          "10.255.255.255 (private IP addresses)"},
                                         {0xac100000, 0xfff00000,
                                          "172.16.0.0\xe2\x80\x93"
                                          "172.31.255.255 (private IP addresses)"},
                                         {0xc0a80000, 0xffff0000,
                                          "192.168.0.0\xe2\x80\x93"
                                          "192.168.255.255 (private IP addresses)"},
                                         {0x7f000000, 0xff000000,
                                          "127.0.0.0\xe2\x80\x93"
                                          "127.255.255.255 (loopback IP addresses)"},
                                         {0xa9fe0000, 0xffff0000,
                                          "169.254.0.0\xe2\x80\x93"
                                          "169.254.255.255 (link-local IP addresses)"},
                                         {0xe0000000, 0xf0000000,
                                          "224.0.0.0\xe2\x80\x93"
                                          "239.255.255.255 (multicast IP addresses)"}};
  for (const Range& range : kForbidden) {
    if ((block.mask & range.mask) == range.mask && (block.address & range.mask) == range.first) return range.name;
  }
  return nullptr;
}

}  // namespace portalkey::sandbox
