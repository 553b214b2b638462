#include "oath/tokens_per_user.h"

namespace portalkey {

std::uint64_t TokensPerUser::hash(std::string_view upn) const {
  KeyedHash hash(key_);
  hash.add_ignoring_case(upn);
  return hash.value();
}

void TokensPerUser::add(std::uint64_t user, std::int64_t line) {
  unsigned char* const tokens = table_.find_or_add(user, {1});
  if (tokens == nullptr || *tokens > most_) return;
  if (++*tokens > most_) lines_.push_back(line);
}

}  // namespace portalkey
