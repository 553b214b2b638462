#pragma once
// A set of 64-bit hashes with a few bytes of data each, for millions of them in little memory: about a fifth more
// than the entries themselves.
//
// The hash's upper bits choose one of many segments and are not stored. A segment is an array ordered by the rest of the hash,
// with gaps: hashes are spread evenly, so where one must be follows from its value, and a search goes on from there until it
// meets the hash or a greater one. A segment that is full moves to a larger array, which is a copy in order; a single table
// would, while it is copied, need twice its memory. If it is known how many there will be, all segments are laid out at once,
// in huge pages: otherwise nearly every access would wait for the processor to find out where its page is.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/zeroed_pages.h"

namespace portalkey {

/// Stored are `kHashBytes` of each hash and `kDataBytes` (at least 1) beside them. With n hashes two different ones are taken
/// for the same with a probability of n^2 / 2^(kSegmentBits + 8 kHashBytes + 1). They must be hashes an attacker cannot
/// foresee.
template <std::size_t kHashBytes, std::size_t kDataBytes>
class PackedTable {
 public:
  static constexpr int kSegmentBits = 11;
  using Data = std::array<unsigned char, kDataBytes>;

  PackedTable() : segments_(std::size_t{1} << kSegmentBits), grown_(segments_.size()) {}

  /// Makes room for about so many, if they are many. Nothing may have been added yet.
  void expect(std::size_t entries) {
    const double mean = static_cast<double>(entries) / static_cast<double>(segments_.size());
    const double most = mean + 2 * std::sqrt(mean);  // of nearly all segments
    const auto homes = static_cast<std::uint32_t>(std::min(most * 8 / 7 + 1, 1e9));
    if (homes < kWorthLayingOut) return;
    const std::size_t bytes = Segment::bytes_for(homes);
    room_ = ZeroedPages(bytes * segments_.size());
    for (std::size_t i = 0; i < segments_.size(); ++i) segments_[i].lay_out(room_.data() + i * bytes, homes);
  }

  /// The data of `hash`, valid until the next call; null if it was not there, and now is, with `data`.
  unsigned char* find_or_add(std::uint64_t hash, const Data& data) {
    Segment& segment = segments_[hash >> (64 - kSegmentBits)];
    const std::uint64_t key = key_of(hash);
    if (segment.is_full()) grow(segment);
    for (;;) {
      unsigned char* slot = segment.slot(segment.home(key));
      unsigned char* const end = segment.slot(segment.slots());
      std::uint64_t there = load(slot);
      while (there != 0 && there < key) there = load(slot += kSlotBytes);
      if (there == key) return slot + kHashBytes;
      unsigned char* gap = slot;
      while (load(gap) != 0) gap += kSlotBytes;
      if (gap == end) {  // the one slot behind that always is empty
        grow(segment);
        continue;
      }
      std::memmove(slot + kSlotBytes, slot, static_cast<std::size_t>(gap - slot));
      store(slot, key);
      std::memcpy(slot + kHashBytes, data.data(), kDataBytes);
      ++segment.used;
      return nullptr;
    }
  }

  /// Has the memory fetched that find_or_add will need.
  void prefetch(std::uint64_t hash) const {
    const Segment& segment = segments_[hash >> (64 - kSegmentBits)];
    if (segment.homes == 0) return;
    const unsigned char* const slot = segment.slot(segment.home(key_of(hash)));
    __builtin_prefetch(slot, 1);
    __builtin_prefetch(slot + 64, 1);
  }

 private:
  static constexpr std::size_t kSlotBytes = kHashBytes + kDataBytes;
  static constexpr std::uint64_t kKeyMask = (std::uint64_t{1} << (8 * kHashBytes)) - 1;
  static constexpr std::size_t kAfter = 16;  // slots behind the last home

  static constexpr std::uint32_t kLeastHomes = 8, kWorthLayingOut = 64;

  struct Segment {
    unsigned char* bytes = nullptr;
    std::uint32_t homes = 0, used = 0;

    static std::size_t bytes_for(std::size_t homes) {
      return (homes + kAfter + 1) * kSlotBytes + sizeof(std::uint64_t);  // a gap at the end, and `load` reads beyond it
    }
    void lay_out(unsigned char* zeroed, std::uint32_t new_homes) {
      bytes = zeroed;
      homes = new_homes;
    }
    std::size_t slots() const { return homes == 0 ? 0 : homes + kAfter; }
    bool is_full() const { return used >= homes - homes / 8; }
    unsigned char* slot(std::size_t i) const { return bytes + i * kSlotBytes; }
    std::size_t home(std::uint64_t key) const {
      return static_cast<std::size_t>(((key >> (8 * kHashBytes - 32)) * homes) >> 32);
    }
  };

  static std::uint64_t key_of(std::uint64_t hash) {
    const std::uint64_t key = (hash >> (64 - kSegmentBits - 8 * kHashBytes)) & kKeyMask;
    return key == 0 ? 1 : key;  // 0 is a gap
  }
  static std::uint64_t load(const unsigned char* slot) {
    std::uint64_t word = 0;
    std::memcpy(&word, slot, sizeof word);
    return word & kKeyMask;
  }
  static void store(unsigned char* slot, std::uint64_t key) { std::memcpy(slot, &key, kHashBytes); }

  void grow(Segment& segment) {
    std::uint32_t homes = segment.homes;
    do {
      homes += homes / 6 + kLeastHomes;
      if (homes / 64 > segment.used + kLeastHomes) throw std::length_error("PackedTable: these are no hashes");
    } while (!move_to(segment, homes));
  }

  /// False if so many are so near to each other at the end that they do not fit.
  bool move_to(Segment& segment, std::uint32_t homes) {
    auto bytes = std::make_unique<unsigned char[]>(Segment::bytes_for(homes));
    Segment larger;
    larger.lay_out(bytes.get(), homes);
    larger.used = segment.used;
    std::size_t next = 0;
    for (std::size_t i = 0; i < segment.slots(); ++i) {
      const std::uint64_t key = load(segment.slot(i));
      if (key == 0) continue;
      next = std::max(next, larger.home(key));
      if (next == larger.slots()) return false;
      std::memcpy(larger.slot(next++), segment.slot(i), kSlotBytes);
    }
    segment = larger;
    grown_[static_cast<std::size_t>(&segment - segments_.data())] = std::move(bytes);
    return true;
  }

  std::vector<Segment> segments_;
  std::vector<std::unique_ptr<unsigned char[]>> grown_;  // the memory of segments that have moved
  ZeroedPages room_;                                     // of those that have not
};

}  // namespace portalkey
