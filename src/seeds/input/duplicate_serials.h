#pragma once
// Remembers every serial number of a file in some 15 bytes, and finds the ones that come again.
//
// The hashes are keyed at random: a file made to collide cannot know where. 57 bits are compared, so that two of a million
// serial numbers are taken for the same in one of 290,000 files; the second token, or both, would then be refused, never
// imported wrongly. Of what the rows say 24 bits are compared: one contradiction in 16 million would be reported as a
// repetition.

#include <cstdint>
#include <string_view>

#include "seeds/input/keyed_hash.h"
#include "seeds/input/seen_hashes.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

class DuplicateSerials {
 public:
  enum class Verdict {
    first,
    repeat,         ///< an earlier row says the same
    contradiction,  ///< an earlier row says otherwise; this is the first that does
    contradicted,   ///< there have been contradictions about this serial number before
  };
  struct Answer {
    Verdict verdict;
    std::int64_t line;  ///< of the first row with this serial number
  };

  /// What a row says of its serial number.
  struct Contents {
    std::uint64_t user;  ///< TokensPerUser::hash, so that letter case does not matter; 0: none
    std::string_view secret, interval, manufacturer, model;
  };
  struct Hashes {
    std::uint64_t serial, contents;
  };
  Hashes hashes(std::string_view serial, const Contents& contents) const;
  Hashes hashes(const TokenSeed& token, std::uint64_t user) const;
  /// Of the serial number as people compare it, and of the key alone.
  Hashes alike_hashes(const TokenSeed& token) const;

  /// Makes room at once for about so many serial numbers.
  void expect(std::size_t serials) { seen_.expect(serials); }
  /// `line` must be under kMaxLine.
  Answer add(const Hashes& row, std::int64_t line);

  static constexpr std::int64_t kMaxLine = std::int64_t{1} << 31;

 private:
  static constexpr std::size_t kContentsBytes = 3, kLineBytes = 4;

  const KeyedHash::Key key_ = KeyedHash::random_key();
  SeenHashes<6, kContentsBytes + kLineBytes> seen_;
};

}  // namespace portalkey
