#include "oath/tokens_per_user.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <unordered_map>

namespace portalkey {
namespace {

/// False if no hash occurs more than `most` times. A hash is counted together with others, so true says little; but it is
/// rare enough to save the sorting of nearly all portions.
bool may_have_over(std::size_t most, std::span<const std::uint64_t> users) {
  std::array<std::uint8_t, 32768> counts{};  // four times a portion, and inside the first-level cache
  bool over = false;
  for (const auto user : users) over |= ++counts[user % counts.size()] > most;
  return over;
}

}  // namespace

void TokensPerUser::add(std::string_view upn, std::int64_t line) {
  KeyedHash hash(key_);
  hash.add_ignoring_case(upn);
  users_.push_back(hash.value());
  lines_.push_back(static_cast<std::uint32_t>(line));
}

std::vector<std::int64_t> TokensPerUser::lines_over(std::size_t most) const {
  // Portions by the hashes' upper bits: all tokens of a user are in one.
  constexpr std::size_t kPortion = 8192;
  const int bits = std::min(20, static_cast<int>(std::bit_width(users_.size() / kPortion)));
  const auto portion_of = [&](std::uint64_t user) { return bits == 0 ? 0 : static_cast<std::size_t>(user >> (64 - bits)); };
  std::vector<std::uint32_t> ends((std::size_t{1} << bits) + 1);
  for (const auto user : users_) ++ends[portion_of(user) + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  std::vector<std::uint64_t> sorted(users_.size());
  for (const auto user : users_) sorted[ends[portion_of(user)]++] = user;

  std::unordered_map<std::uint64_t, std::size_t> counts;  // of those with too many
  for (auto from = sorted.begin(); from != sorted.end();) {
    const auto to = sorted.begin() + ends[portion_of(*from)];
    if (!may_have_over(most, {from, to})) {
      from = to;
      continue;
    }
    std::sort(from, to);
    while (from != to) {
      const auto next = std::find_if(from, to, [user = *from](std::uint64_t other) { return other != user; });
      if (static_cast<std::size_t>(next - from) > most) counts.emplace(*from, 0);
      from = next;
    }
  }
  std::vector<std::int64_t> lines;
  if (counts.empty()) return lines;
  auto line = lines_.begin();
  for (const auto user : users_) {
    if (const auto it = counts.find(user); it != counts.end() && ++it->second == most + 1) lines.push_back(*line);
    ++line;
  }
  return lines;
}

}  // namespace portalkey
