#pragma once
// A fast 64-bit hash under a random key, for tables that a hostile file must not be able to overload. Each word is mixed in by
// a 64 x 64 bit multiplication whose two halves are folded together, as wyhash and Go's map hash do. It is no MAC: the safety
// lies in that neither the key nor any hash leaves the process.

#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string_view>

namespace portalkey {

class KeyedHash {
 public:
  struct Key {
    std::uint64_t start, low, high;
  };

  /// From the kernel.
  static Key random_key() {
    std::random_device device;
    const auto random = [&] { return (std::uint64_t{device()} << 32) | device(); };
    return {random() | 1, random() | 1, random() | 1};
  }

  explicit KeyedHash(const Key& key) : key_(key), state_(key.start) {}

  /// Adds a text and its length, so that "ab", "c" and "a", "bc" differ.
  void add(std::string_view text) { add(text, std::identity()); }

  /// The same for `A@B` and `a@b`, ASCII letters only.
  void add_ignoring_case(std::string_view text) { add(text, in_lower_case); }

  std::uint64_t value() const { return folded(state_ ^ key_.high, key_.low); }

 private:
  template <class Fold>
  void add(std::string_view text, Fold fold) {
    const char* p = text.data();
    std::size_t left = text.size();
    for (; left > 16; p += 16, left -= 16) mix(fold(word(p)), fold(word(p + 8)));
    std::uint64_t a = 0, b = 0;
    if (left >= 8) {
      a = word(p);
      b = word(p + left - 8);
    } else if (left >= 4) {
      a = half(p);
      b = half(p + left - 4);
    } else if (left > 0) {
      const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
      a = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
    }
    state_ += text.size() * key_.start;  // not into a or b, where one bit of the text would cancel one of the size
    mix(fold(a), fold(b));
  }

  static std::uint64_t in_lower_case(std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101, kHigh = 0x80 * kOnes;
    const std::uint64_t low = word & ~kHigh;  // a byte's high bit says in turn: at least A, beyond Z
    const std::uint64_t upper = (low + (0x80 - 'A') * kOnes) & ~(low + (0x7f - 'Z') * kOnes) & ~word & kHigh;
    return word | upper >> 2;
  }

  static std::uint64_t word(const char* p) {
    std::uint64_t v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static std::uint64_t half(const char* p) {
    std::uint32_t v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  void mix(std::uint64_t a, std::uint64_t b) { state_ = folded(a ^ key_.low ^ state_, b ^ key_.high); }

  const Key& key_;
  std::uint64_t state_;
};

}  // namespace portalkey
