#pragma once
// The rows of an assignment list in some 90 bytes each, for lists of millions: texts one after the other in large blocks, and
// tables of row numbers to find a serial number by.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/short_hash.h"

namespace portalkey {

struct AssignmentEntry {
  std::int64_t line = 0;
  std::string_view serial = {};    ///< empty if the list is taken in order
  std::string_view upn = {};       ///< empty if the list has no users
  std::string_view replaces = {};  ///< the serial number of the user's token that goes; empty: none
  std::int64_t other_line = 0;     ///< where the list gives the same token to another user; 0 if nowhere
};

class AssignmentEntries {
 public:
  /// The texts are copied; they are valid as long as this. A serial number must not be there yet.
  void add(const AssignmentEntry& entry);
  void set_other_line(std::size_t place, std::int64_t line) { other_lines_.emplace(place, line); }

  std::size_t size() const { return records_.size(); }
  AssignmentEntry operator[](std::size_t place) const;
  /// The place of the entry with exactly this serial number.
  std::optional<std::size_t> find(std::string_view serial) const;
  /// Of the first one whose serial number differs at most in leading zeros, blanks or letter case.
  std::optional<std::size_t> find_alike(std::string_view serial) const;

 private:
  struct Record {
    const char* texts;  // serial, upn, replaces
    std::uint32_t line, upn_size, replaces_size, serial_size;
  };
  /// The first place of a hash. Two serial numbers with one 64-bit hash: the second one is not found.
  using Places = boost::unordered_flat_map<std::uint64_t, std::uint32_t>;

  std::string_view serial_of(std::size_t place) const { return {records_[place].texts, records_[place].serial_size}; }
  const char* keep(const AssignmentEntry& entry);

  ShortHash hash_;
  std::deque<Record> records_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t left_in_block_ = 0;
  char* next_ = nullptr;
  Places exact_, alike_;
  std::unordered_map<std::size_t, std::int64_t> other_lines_;
};

}  // namespace portalkey
