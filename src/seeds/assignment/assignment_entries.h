#pragma once
// The rows of an assignment list in some 90 bytes each, for lists of millions: texts one after the other in large blocks, and
// tables of row numbers to find a serial number by.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seeds/input/keyed_hash.h"

namespace portalkey {

struct AssignmentEntry {
  std::int64_t line = 0;
  std::string_view serial;      ///< empty if the list is taken in order
  std::string_view upn;         ///< empty if the list has no users
  std::string_view replaces;    ///< the serial number of the user's token that goes; empty: none
  std::int64_t other_line = 0;  ///< where the list gives the same token to another user; 0 if nowhere
};

class AssignmentEntries {
 public:
  AssignmentEntries() : exact_(&AssignmentEntries::exact_hash), alike_(&AssignmentEntries::alike_hash) {}

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
  using Hash = std::uint64_t (AssignmentEntries::*)(std::string_view serial) const;
  /// Open addressing; a slot holds a place + 1.
  struct Table {
    explicit Table(Hash hash_of_serial) : hash(hash_of_serial) {}
    Hash hash;
    std::vector<std::uint32_t> slots;
    std::size_t used = 0;
  };

  std::uint64_t exact_hash(std::string_view serial) const;
  std::uint64_t alike_hash(std::string_view serial) const;
  std::string_view serial_of(std::size_t place) const { return {records_[place].texts, records_[place].serial_size}; }
  void put(Table& table, std::size_t place);
  void grow(Table& table);
  std::optional<std::size_t> look(const Table& table, std::string_view serial,
                                  const std::function<bool(std::string_view)>& same) const;
  const char* keep(const AssignmentEntry& entry);

  KeyedHash::Key key_ = KeyedHash::random_key();
  std::deque<Record> records_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t left_in_block_ = 0;
  char* next_ = nullptr;
  Table exact_, alike_;
  std::unordered_map<std::size_t, std::int64_t> other_lines_;
};

}  // namespace portalkey
