#include "seeds/input/tokens_per_user.h"

namespace portalkey {

std::uint64_t TokensPerUser::hash(std::string_view upn) const {
  KeyedHash hash(key_);
  hash.add_ignoring_case(upn);
  return hash.value();
}

bool TokensPerUser::add(std::uint64_t user) {
  unsigned char* const tokens = seen_.find_or_add(user, 1);
  if (tokens == nullptr) return false;
  if (*tokens <= most_) ++*tokens;
  return *tokens > most_;
}

}  // namespace portalkey
