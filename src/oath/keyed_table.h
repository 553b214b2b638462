#pragma once
// A set of 64-bit hashes with a little data each, for millions of them in bounded memory: about 1.2 to 1.8 slots per entry.
//
// Open addressing in many small segments that grow by half one at a time: a single table would, while it is copied to one
// twice its size, need three times its memory.

#include <array>
#include <cstdint>
#include <vector>

namespace portalkey {

/// Slot has `std::uint64_t key() const`, 0 when default-constructed. Keys must be hashes an attacker cannot foresee.
template <class Slot>
class KeyedTable {
 public:
  struct Found {
    Slot& slot;  ///< valid until the next call
    bool added;
  };
  /// The slot that has `entry`'s key (not 0); if there is none, `entry` becomes one.
  Found find_or_add(const Slot& entry) {
    Segment& segment = segments_[entry.key() >> (64 - kSegmentBits)];
    if ((segment.used + 1) * 5 > segment.slots.size() * 4) grow(segment);
    Slot& slot = place(segment.slots, entry.key());
    if (slot.key() != 0) return {slot, false};
    slot = entry;
    ++segment.used;
    return {slot, true};
  }

 private:
  static constexpr int kSegmentBits = 7;
  struct Segment {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  static std::size_t home(const std::vector<Slot>& slots, std::uint64_t key) {
    const std::uint64_t middle = (key >> (32 - kSegmentBits)) & 0xffff'ffff;
    return static_cast<std::size_t>((middle * slots.size()) >> 32);
  }

  static Slot& place(std::vector<Slot>& slots, std::uint64_t key) {
    std::size_t i = home(slots, key);
    while (slots[i].key() != 0 && slots[i].key() != key) {
      if (++i == slots.size()) i = 0;
    }
    return slots[i];
  }

  static void grow(Segment& segment) {
    std::vector<Slot> larger(segment.slots.empty() ? 16 : segment.slots.size() * 3 / 2);
    for (const Slot& slot : segment.slots) {
      if (slot.key() != 0) place(larger, slot.key()) = slot;
    }
    segment.slots = std::move(larger);
  }

  std::array<Segment, std::size_t{1} << kSegmentBits> segments_;
};

}  // namespace portalkey
