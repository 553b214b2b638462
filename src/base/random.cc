#include "base/random.h"

#include <fmt/format.h>

#include <mutex>

namespace portalkey {

std::string Random::guid() {
  // What goes on at once in a tenant takes its names from one source.
  static std::mutex mutex;
  const std::lock_guard turn(mutex);
  const std::uint64_t high = (next() & ~std::uint64_t{0xf000}) | 0x4000;
  const std::uint64_t low = (next() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffff);
}

}  // namespace portalkey
