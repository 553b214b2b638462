#pragma once
// A map from 64-bit hashes to a few bytes, for millions of them: many flat maps of a library, of which the upper bits of a hash
// choose one. So only one small map at a time is copied into a larger one, and the bits that choose need not be stored.

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <vector>

namespace portalkey {

/// Compares the lower `kBytes` bytes of a hash, and 9 bits or more of its upper 16. `Data`: of alignment 1, or room is wasted.
template <std::size_t kBytes, class Data>
class MapOfHashes {
 public:
  MapOfHashes() : maps_(kFewestMaps) {}

  /// Makes room for about so many, if they are many; a file of them all needs no more then, and the maps of very many are
  /// nearly full. Does nothing if something has been added.
  void expect(std::uint64_t hashes) {
    constexpr std::uint64_t kMany = 50'000;
    constexpr std::uint64_t kMost = std::uint64_t{1} << 24;  // a sparse file may promise anything
    constexpr std::uint64_t kInAMap = 12'800;                // Boost's maps have room for 13,440, or half as many
    if (hashes < kMany || added_) return;
    hashes = std::min(hashes, kMost);
    maps_.resize(std::max<std::uint64_t>(kFewestMaps, hashes / kInAMap));
    const std::uint64_t in_a_map = hashes / maps_.size();
    for (auto& map : maps_) map.reserve(in_a_map + in_a_map / 32);
  }

  bool empty() const { return !added_; }

  /// Null if it is not there. Valid until something is added.
  Data* find(std::uint64_t hash) {
    auto& map = map_of(hash);
    const auto found = map.find(Stored(hash));
    return found == map.end() ? nullptr : &found->second;
  }

  struct Added {
    Data* data;
    bool is_new;  ///< or the hash was there, with the data it has
  };
  Added add(std::uint64_t hash, const Data& data) {
    added_ = true;
    const auto [at, is_new] = map_of(hash).try_emplace(Stored(hash), data);
    return {&at->second, is_new};
  }

 private:
  static constexpr std::size_t kFewestMaps = 512;  // 9 bits

  struct Stored {
    explicit Stored(std::uint64_t hash) { std::memcpy(bytes, &hash, kBytes); }  // the lower ones: x86-64 and ARM64
    bool operator==(const Stored&) const = default;
    unsigned char bytes[kBytes];
  };
  struct HashOfStored {
    std::size_t operator()(const Stored& stored) const {
      std::uint64_t hash = 0;
      std::memcpy(&hash, stored.bytes, kBytes);
      return hash;
    }
  };
  using Map = boost::unordered_flat_map<Stored, Data, HashOfStored>;

  Map& map_of(std::uint64_t hash) { return maps_[(hash >> 48) * maps_.size() >> 16]; }

  std::vector<Map> maps_;
  bool added_ = false;
};

}  // namespace portalkey
