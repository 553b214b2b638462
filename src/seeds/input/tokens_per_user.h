#pragma once
// Finds the users that a file gives more tokens than Entra allows, in some 8 bytes per user.
//
// Users are told apart by 49 bits of a hash under a random key. Two of a million users are taken for one in one file of a
// thousand; if they have too many tokens together, there is a needless warning.

#include <cstdint>
#include <string_view>

#include "seeds/input/keyed_hash.h"
#include "seeds/input/seen_hashes.h"

namespace portalkey {

class TokensPerUser {
 public:
  explicit TokensPerUser(unsigned char most) : most_(most) {}

  /// Letter case does not matter.
  std::uint64_t hash(std::string_view upn) const;

  /// Makes room at once for about so many users.
  void expect(std::size_t users) { seen_.expect(users); }
  /// True if this is a token more than `most`.
  bool add(std::uint64_t user);

 private:
  const unsigned char most_;
  const KeyedHash::Key key_ = KeyedHash::random_key();
  SeenHashes<5, 1> seen_;  // the byte counts
};

}  // namespace portalkey
