#pragma once
// A short hash under a random key, for tables that a hostile file must not be able to overload: libsodium's SipHash-2-4.

#include <array>
#include <cstdint>
#include <string_view>

namespace portalkey {

class ShortHash {
 public:
  ShortHash();  ///< with a key of its own, from the kernel

  std::uint64_t operator()(std::string_view text) const;

 private:
  std::array<unsigned char, 16> key_;
};

}  // namespace portalkey
