#pragma once
// Remembers every serial number of a file in some 17 to 35 bytes, and finds the ones that come again, or that come in another
// spelling: those that are not written as people compare them (lower-case letters, blanks, leading zeros) take twice as much.
//
// The hashes are keyed at random: a file made to collide cannot know where. 57 bits are compared, so that two of a million
// serial numbers are taken for the same in one of 290,000 files; the second token, or both, would then be refused, never
// imported wrongly. Of what the rows say 24 bits are compared: one contradiction in 16 million would be reported as a
// repetition; and of the keys alone 16 more, which decide about serial numbers that are alike.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/short_hash.h"
#include "seeds/input/map_of_hashes.h"
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
    std::int64_t line;       ///< of the first row with this serial number
    std::int64_t alike = 0;  ///< of a `first`: the first row whose serial number differs only in letter case, blanks or leading
                             ///< zeros, if its key is another one, or that of a third such row was; 0: none
  };

  /// What a row says of its serial number.
  struct Contents {
    std::uint64_t user;  ///< TokensPerUser::hash, so that letter case does not matter; 0: none
    std::string_view secret, parameters, manufacturer, model;
  };

  /// Makes room at once for about so many serial numbers, if they are many.
  void expect(std::uint64_t serials) { exact_.expect(serials); }
  /// `line` must be under kMaxLine.
  Answer add(std::string_view serial, const Contents& contents, std::int64_t line);
  /// The token's place is its line.
  Answer add(const TokenSeed& token, std::uint64_t user);

  static constexpr std::int64_t kMaxLine = std::int64_t{1} << 31;

 private:
  struct [[gnu::packed]] Seen {
    std::uint32_t line : 31;
    bool contradicted : 1;
    std::uint32_t contents : 24;
    std::uint16_t key : 16;
  };
  static_assert(sizeof(Seen) == 9 && alignof(Seen) == 1);

  std::uint32_t hash_of(const Contents& contents, std::uint64_t key);
  std::int64_t alike_line(std::string_view serial, const Seen& row);

  const ShortHash hash_;
  MapOfHashes<6, Seen> exact_;
  MapOfHashes<6, Seen> alike_;  ///< by the serial number as people compare it, if one has been written otherwise
  std::string text_;
};

}  // namespace portalkey
