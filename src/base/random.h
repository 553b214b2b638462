#pragma once
// Chance is injected: production draws from the kernel, tests and the sandbox from a seed, so that a run repeats.

#include <cstdint>
#include <random>
#include <string>

namespace portalkey {

class Random {
 public:
  /// From the kernel.
  Random() : Random((static_cast<std::uint64_t>(std::random_device{}()) << 32) ^ std::random_device{}()) {}
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t next() { return engine_(); }
  /// Uniform in [0, limit); limit > 0.
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  /// A version 4 UUID in lower case, `8-4-4-4-12` (RFC 9562 §5.4). For names and correlation, not for secrets.
  std::string guid();

 private:
  std::mt19937_64 engine_;
};

}  // namespace portalkey
