#pragma once

#include <cstddef>
#include <cstring>

namespace portalkey {

/// Overwrites what calls before this one left on the stack below their caller.
template <std::size_t bytes = std::size_t{16} * 1024>
[[gnu::noinline]] void wipe_stack_below() {
  char area[bytes];
  explicit_bzero(area, sizeof area);
}

}  // namespace portalkey
