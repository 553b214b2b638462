#include "seeds/input/tokens_per_user.h"

#include <algorithm>

#include "base/ascii.h"

namespace portalkey {

std::uint64_t TokensPerUser::hash(std::string_view upn) {
  text_.resize(upn.size());
  std::ranges::transform(upn, text_.begin(), to_lower);
  return std::max<std::uint64_t>(hash_(text_), 1);
}

bool TokensPerUser::add(std::uint64_t user) {
  const auto [tokens, is_new] = seen_.add(user, 1);
  if (is_new) return false;
  if (*tokens <= most_) ++*tokens;
  return *tokens > most_;
}

}  // namespace portalkey
