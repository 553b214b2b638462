#include "base/short_hash.h"

#include <sodium.h>

namespace portalkey {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(std::uint64_t));

ShortHash::ShortHash() { randombytes_buf(key_.data(), key_.size()); }

std::uint64_t ShortHash::operator()(std::string_view text) const {
  std::uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                   key_.data());
  return hash;
}

}  // namespace portalkey
