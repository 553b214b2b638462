#pragma once
// Finds the users that a file gives more tokens than Entra allows, in 12 bytes per token: each is only noted as it comes, and
// they are counted at the end, in portions that fit the processor's cache.

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "oath/keyed_hash.h"

namespace portalkey {

class TokensPerUser {
 public:
  /// Letter case does not matter.
  void add(std::string_view upn, std::int64_t line);

  /// The lines, ascending, on which a user gets one token more than `most`.
  std::vector<std::int64_t> lines_over(std::size_t most) const;

 private:
  const KeyedHash::Key key_ = KeyedHash::random_key();
  std::deque<std::uint64_t> users_;  // hashes, in the file's order
  std::deque<std::uint32_t> lines_;
};

}  // namespace portalkey
