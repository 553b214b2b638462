#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "directory/token_directory.h"

namespace portalkey {

/// Tokens of a tenant by their serial numbers, each in hardly more memory than its text takes: there may be a million.
class PackedTokens {
 public:
  /// In place of the one that has the same serial number, and in its room if it is as long.
  void put(const TenantToken& token);
  bool contains(std::string_view serial) const { return by_serial_.contains(serial); }
  /// Null: there is none.
  std::shared_ptr<const TenantToken> find(std::string_view serial) const;
  std::size_t size() const { return by_serial_.size(); }
  void reserve(std::size_t count) { by_serial_.reserve(count); }
  /// In no order.
  template <class Take>
  void each(Take&& take) const {
    for (const auto packed : by_serial_) {
      const char* at = packed.at;
      take(unpacked(at));
    }
  }

 private:
  /// Where a token begins: with its serial number.
  struct Packed {
    char* at;
  };
  static std::string_view text_at(const char*& at);
  static std::string_view serial_of(Packed packed) {
    const char* at = packed.at;
    return text_at(at);
  }
  static std::string_view serial_of(std::string_view serial) { return serial; }
  struct HashOfSerial {
    using is_transparent = void;
    std::size_t operator()(const auto& token) const { return std::hash<std::string_view>()(serial_of(token)); }
  };
  struct SameSerial {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return serial_of(a) == serial_of(b); }
  };
  static TenantToken unpacked(const char*& at);
  char* room(std::size_t bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;  // nothing in them moves
  std::size_t left_ = 0;                         // in the last one
  char* end_ = nullptr;                          // of what is used of it
  boost::unordered_flat_set<Packed, HashOfSerial, SameSerial> by_serial_;
};

}  // namespace portalkey
