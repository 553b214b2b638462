#include "provision/firewall_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace portalkey {
namespace {

struct Range {
  std::uint32_t first;
  unsigned bits;
  std::string_view what;
};

constexpr Range kNeverSeen[] = {{0x0a000000, 8, "private"},  {0xac100000, 12, "private"},    {0xc0a80000, 16, "private"},
                                {0x7f000000, 8, "loopback"}, {0xa9fe0000, 16, "link-local"}, {0xe0000000, 4, "multicast"}};

struct Block {
  std::uint32_t first = 0;
  unsigned bits = 32;
};

std::optional<Block> parse(std::string_view text) {
  const auto slash = text.find('/');
  in_addr address{};
  if (::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) != 1) return std::nullopt;
  Block block{ntohl(address.s_addr), 32};
  if (slash == std::string_view::npos) return block;
  const auto digits = text.substr(slash + 1);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), block.bits);
  if (problem != std::errc() || end != digits.data() + digits.size() || block.bits > 32) return std::nullopt;
  return block;
}

}  // namespace

Result<void> check_firewall_address(std::string_view text) {
  const auto block = parse(text);
  if (!block) {
    return fail(
        Errc::invalid_input, fmt::format("\"{}\" is not an IPv4 address or range", text),
        "Write [[setting|allow-ip|203.0.113.5]] or [[setting|allow-ip|203.0.113.0/24]]; Key Vault's firewall knows no IPv6.");
  }
  for (const Range& range : kNeverSeen) {
    if (block->bits < range.bits || (block->first ^ range.first) >> (32 - range.bits) != 0) continue;
    return fail(Errc::invalid_input, fmt::format("Key Vault's firewall never sees the {} address {}", range.what, text),
                "Give the public address your network is seen with.");
  }
  return {};
}

}  // namespace portalkey
