#pragma once
// Finds the users that a file gives more tokens than Entra allows, in some 8 to 17 bytes per user.
//
// Users are told apart by 49 bits of a hash under a random key. Two of a million users are taken for one in one file of a
// thousand; if they have too many tokens together, there is a needless warning.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/short_hash.h"
#include "seeds/input/map_of_hashes.h"

namespace portalkey {

class TokensPerUser {
 public:
  explicit TokensPerUser(unsigned char most) : most_(most) {}

  /// Letter case does not matter. Never 0, which stands for nobody.
  std::uint64_t hash(std::string_view upn);

  /// Makes room at once for about so many users, if they are many.
  void expect(std::uint64_t users) { seen_.expect(users); }
  /// True if this is a token more than `most`.
  bool add(std::uint64_t user);

 private:
  const unsigned char most_;
  const ShortHash hash_;
  MapOfHashes<5, unsigned char> seen_;  ///< how many tokens
  std::string text_;
};

}  // namespace portalkey
