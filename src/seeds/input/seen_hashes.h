#pragma once
// A set of 64-bit hashes with a few bytes of data each, for millions of them, nearly all of them new: some two bytes for each
// beside the hash and its data.
//
// A Bloom filter tells of nearly every new hash that it is new, and the hash is written at the end of one of many logs, which
// its upper bits choose. So a new hash costs one access to memory that the processor does not have at hand, where a hash table,
// ten times as large, would cost several. Only what the filter takes for known, rightly or not, is looked for in its log; a log
// that has been searched long enough to have paid for it is sorted.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/zeroed_pages.h"

namespace portalkey {

/// Stored are `kHashBytes` (4 to 6) of each hash and `kDataBytes` (1 to 8) beside them. With n hashes two different ones are
/// taken for the same with a probability of n^2 / 2^(kLogBits + 8 kHashBytes + 1). They should be hashes that an attacker
/// cannot foresee: others are found as surely, but not as fast.
template <std::size_t kHashBytes, std::size_t kDataBytes>
class SeenHashes {
 public:
  static constexpr int kLogBits = 9;

  SeenHashes() : logs_(std::size_t{1} << kLogBits), grown_(logs_.size()) {}

  /// Makes room for about so many at once, if they are many; for more than some 17 million the room grows as it is needed. Does
  /// nothing if something has been added.
  void expect(std::size_t hashes) {
    if (added_ != 0) return;
    hashes = std::min(hashes, kMostLaidOut);
    const double mean = static_cast<double>(hashes) / static_cast<double>(logs_.size());
    const auto most = static_cast<std::uint32_t>(mean + 5 * std::sqrt(mean));
    if (most < kWorthLayingOut) return;
    room_ = ZeroedPages(logs_.size() * most * sizeof(Entry), ZeroedPages::Size::usual);
    auto* entries = reinterpret_cast<Entry*>(room_.data());
    for (Log& log : logs_) {
      log.entries = entries;
      log.capacity = most;
      entries += most;
    }
    make_filter(hashes);
  }

  /// The data of `hash`, valid until the next call; null if it was not there, and now is, with the lower bytes of `data`.
  unsigned char* find_or_add(std::uint64_t hash, std::uint64_t data) {
    hash &= kStored;
    if (added_ == filter_is_for_) widen_filter();
    Log& log = logs_[log_of(hash)];
    if (!add_to_filter(hash)) {
      if (Entry* const known = log.find(key_of(hash))) return known->data.data();
    }
    if (log.used == log.capacity) grow(log);
    log.entries[log.used++].set(key_of(hash), data);
    ++added_;
    return nullptr;
  }

 private:
  static constexpr int kKeyBits = 8 * kHashBytes, kKeyShift = 64 - kLogBits - kKeyBits;
  static constexpr std::uint64_t kKeyMask = (std::uint64_t{1} << kKeyBits) - 1;
  static constexpr std::uint64_t kStored = ~std::uint64_t{0} << kKeyShift;

  static std::size_t log_of(std::uint64_t hash) { return hash >> (64 - kLogBits); }
  static std::uint64_t key_of(std::uint64_t hash) { return (hash >> kKeyShift) & kKeyMask; }
  static std::uint64_t hash_of(std::size_t log, std::uint64_t key) {
    return (std::uint64_t{log} << (64 - kLogBits)) | (key << kKeyShift);
  }

  struct Entry {
    std::array<unsigned char, kHashBytes> hash;
    std::array<unsigned char, kDataBytes> data;

    std::uint64_t key() const {
      // Not all at once into eight bytes: the processor would have to wait before it could read them together.
      std::uint32_t low;
      std::memcpy(&low, hash.data(), sizeof low);
      std::uint64_t word = low;
      for (std::size_t i = sizeof low; i < kHashBytes; ++i) word |= std::uint64_t{hash[i]} << (8 * i);
      return word;
    }
    bool is(std::uint64_t key) const { return std::memcmp(hash.data(), &key, kHashBytes) == 0; }
    void set(std::uint64_t key, std::uint64_t new_data) {
      std::memcpy(hash.data(), &key, kHashBytes);
      std::memcpy(data.data(), &new_data, kDataBytes);
    }
  };
  static_assert(sizeof(Entry) == kHashBytes + kDataBytes);

  struct Log {
    Entry* entries = nullptr;
    std::uint32_t capacity = 0, used = 0;
    std::uint32_t sorted = 0;    // so many at the beginning are
    std::uint64_t searched = 0;  // so many others have been looked at since

    Entry* find(std::uint64_t key) {
      if (searched > kSortAfter * used) sort();
      Entry* const sorted_end = entries + sorted;
      Entry* const end = entries + used;
      const auto is_less = [](const Entry& entry, std::uint64_t k) { return entry.key() < k; };
      if (Entry* const at = std::lower_bound(entries, sorted_end, key, is_less); at != sorted_end && at->is(key)) return at;
      searched += used - sorted;
      Entry* const at = std::find_if(sorted_end, end, [&](const Entry& entry) { return entry.is(key); });
      return at == end ? nullptr : at;
    }
    void sort() {
      const auto is_less = [](const Entry& a, const Entry& b) { return a.key() < b.key(); };
      std::sort(entries + sorted, entries + used, is_less);
      std::inplace_merge(entries, entries + sorted, entries + used, is_less);
      sorted = used;
      searched = 0;
    }
  };
  static constexpr std::uint32_t kWorthLayingOut = 64;               // of each log
  static constexpr std::size_t kMostLaidOut = std::size_t{1} << 24;  // a sparse file may promise anything
  static constexpr std::uint64_t kSortAfter = 16;                    // looking at so many costs about as much as sorting one

  void grow(Log& log) {
    log.capacity += log.capacity / 6 + 8;
    auto entries = std::make_unique_for_overwrite<Entry[]>(log.capacity);
    std::copy_n(log.entries, log.used, entries.get());
    log.entries = entries.get();
    grown_[static_cast<std::size_t>(&log - logs_.data())] = std::move(entries);
  }

  /// Each hash has two bits in each word. When there are 16 hashes in each block, one new hash of a thousand seems known.
  struct Block {
    std::array<std::uint64_t, 4> words;
  };
  static constexpr std::size_t kHashesPerBlock = 16;

  Block& block_of(std::uint64_t hash) const {
    __extension__ using Wide = unsigned __int128;
    return filter_[static_cast<std::size_t>((Wide{hash} * blocks_) >> 64)];
  }

  /// True if the filter did not have it: it is new. False: it may be.
  bool add_to_filter(std::uint64_t hash) {
    constexpr std::uint64_t kGoldenRatio = 0x9E37'79B9'7F4A'7C15;
    std::uint64_t bits = ((hash >> kKeyShift) * kGoldenRatio) >> 16;
    bool is_new = false;
    for (std::uint64_t& word : block_of(hash).words) {
      const std::uint64_t mask = std::uint64_t{1} << (bits & 63) | std::uint64_t{1} << (bits >> 6 & 63);
      bits >>= 12;
      is_new |= (word & mask) != mask;
      word |= mask;
    }
    return is_new;
  }

  void make_filter(std::size_t hashes) {
    blocks_ = hashes / kHashesPerBlock + 1;
    filter_is_for_ = blocks_ * kHashesPerBlock;
    filter_room_ = ZeroedPages(blocks_ * sizeof(Block), ZeroedPages::Size::huge);
    filter_ = reinterpret_cast<Block*>(filter_room_.data());
  }

  void widen_filter() {
    make_filter(2 * filter_is_for_ + 1000);
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      for (std::uint32_t k = 0; k < logs_[i].used; ++k) add_to_filter(hash_of(i, logs_[i].entries[k].key()));
    }
  }

  std::vector<Log> logs_;
  std::vector<std::unique_ptr<Entry[]>> grown_;  // the memory of logs that have grown
  ZeroedPages room_;                             // of those that have not
  ZeroedPages filter_room_;
  Block* filter_ = nullptr;
  std::size_t blocks_ = 0, filter_is_for_ = 0, added_ = 0;
};

}  // namespace portalkey
