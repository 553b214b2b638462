#include "oath/tokens_per_user.h"

namespace portalkey {

std::uint64_t TokensPerUser::hash(std::string_view upn) const {
  KeyedHash hash(key_);
  hash.add_ignoring_case(upn);
  return hash.value();
}

bool TokensPerUser::add(std::uint64_t user) {
  unsigned char* const tokens = seen_.find_or_add(user, 1);
  return tokens != nullptr && *tokens <= most_ && ++*tokens > most_;
}

}  // namespace portalkey
