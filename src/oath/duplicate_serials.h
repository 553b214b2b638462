#pragma once
// Remembers every serial number of a file in 16 bytes, and finds the ones that come again.
//
// Vendors' files count upwards. A serial number above all before it cannot have been there, so it is only noted in a list, in
// the file's order; the first one that is not above sends the list into a hash table, where it is looked up. So an ordinary
// file of a million tokens never waits for memory at random addresses, and any other file pays for the table.
//
// The hashes are keyed at random: a file made to collide cannot know where. Of 2^63 hashes two of a million serial numbers are
// the same in one of 10^7 files; the second token would then be refused as a duplicate, never imported wrongly.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "oath/keyed_hash.h"
#include "oath/keyed_table.h"

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
    std::string_view upn, secret, interval, manufacturer, model;
  };
  /// `line` must be under kMaxLine.
  Answer add(std::string_view serial, const Contents& contents, std::int64_t line);

  static constexpr std::int64_t kMaxLine = std::int64_t{1} << 31;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t contents = 0;
    std::uint32_t line : 31 = 0;
    std::uint32_t contradicted : 1 = 0;
    std::uint64_t key() const { return hash; }
  };
  static_assert(sizeof(Entry) == 16);

  bool above_all(std::string_view serial);

  const KeyedHash::Key key_ = KeyedHash::random_key();
  std::string highest_;
  std::deque<Entry> listed_;  // not yet in the table
  KeyedTable<Entry> table_;
};

}  // namespace portalkey
