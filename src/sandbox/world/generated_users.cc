#include "sandbox/world/generated_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kBegin = "employee.";
constexpr std::size_t kDigits = 6;
// Odd, so that no two numbers share a product modulo 2^32; the second undoes the first.
constexpr std::uint32_t kSpread = 0x9E3779B1;
constexpr std::uint32_t kGather = [] {
  std::uint32_t inverse = kSpread;
  for (int i = 0; i < 5; ++i) inverse *= 2 - kSpread * inverse;
  return inverse;
}();
constexpr std::uint32_t kDisabledEvery = 50;

std::optional<std::uint32_t> number_in(std::string_view text, int base) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

GeneratedUsers::GeneratedUsers(std::uint64_t seed, std::uint32_t count) : count_(count) {
  const std::string guid = stable_guid(seed, "employees");
  salt_ = number_in(guid.substr(0, 8), 16).value_or(0);
  tail_ = guid.substr(8);
}

std::string GeneratedUsers::oid(std::uint32_t number) const {
  return fmt::format("{:08x}{}", (number * kSpread) ^ salt_, tail_);
}

SandboxUser GeneratedUsers::user(std::uint32_t number) const {
  SandboxUser user;
  user.upn = fmt::format("{}{:06}@{}", kBegin, number, kDomain);
  user.oid = oid(number);
  user.display_name = fmt::format("Employee {:06}", number);
  user.disabled = number % kDisabledEvery == 0;
  return user;
}

std::optional<std::uint32_t> GeneratedUsers::by_upn(std::string_view key) const {
  const auto at = key.find('@');
  if (!key.starts_with(kBegin) || at == std::string_view::npos || key.substr(at + 1) != kDomain) return std::nullopt;
  const auto digits = key.substr(kBegin.size(), at - kBegin.size());
  const auto number = digits.size() == kDigits ? number_in(digits, 10) : std::nullopt;
  return number && *number >= 1 && *number <= count_ ? number : std::nullopt;
}

std::optional<std::uint32_t> GeneratedUsers::by_oid(std::string_view oid) const {
  if (oid.size() != 36 || oid.substr(8) != tail_) return std::nullopt;
  const auto begin = number_in(oid.substr(0, 8), 16);
  if (!begin) return std::nullopt;
  const std::uint32_t number = (*begin ^ salt_) * kGather;
  return number >= 1 && number <= count_ ? std::optional(number) : std::nullopt;
}

std::vector<std::uint32_t> GeneratedUsers::after(std::string_view last, std::size_t most) const {
  if (order_.empty()) {
    order_.reserve(count_);
    for (std::uint32_t number = 1; number <= count_; ++number) order_.emplace_back((number * kSpread) ^ salt_, number);
    std::ranges::sort(order_);
  }
  std::vector<std::uint32_t> out;
  const auto beyond = [&](const auto& entry) { return oid(entry.second) > last; };
  for (auto at = last.empty() ? order_.begin() : std::ranges::partition_point(order_, std::not_fn(beyond));
       at != order_.end() && out.size() < most; ++at)
    out.push_back(at->second);
  return out;
}

}  // namespace portalkey::sandbox
