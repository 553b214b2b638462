#pragma once
// Keys from passphrases: Argon2id, at libsodium's "moderate" cost for what is sealed from now on.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// How a key comes from a passphrase.
struct KeyCost {
  std::uint64_t operations = 0;    ///< passes over the memory
  std::uint64_t memory_bytes = 0;  ///< what an attacker's every guess takes too

  bool operator==(const KeyCost&) const = default;
  /// Three passes over 256 MiB: most of a second on a server, once in a run.
  static KeyCost of_today();
  /// Whether a file may ask for it. A hostile header must not make us allocate or compute without end: 1 GiB at most, and no
  /// more work than libsodium's "sensitive" cost (four passes over 1 GiB, a few seconds).
  bool bearable() const;
  /// Cheaper for an attacker than of_today().
  bool outdated() const;
};

struct DerivedKey {
  KeyCost cost;
  std::string salt;  ///< 16 bytes
  Secret key;        ///< 32 bytes
};

/// The key that this passphrase, salt and cost give. Derived once in a process and kept, wiped at its end: a run opens its
/// files several times. invalid_input: not bearable. unavailable: this machine does not give the memory.
Result<DerivedKey> derive_key(const Secret& passphrase, std::string_view salt, KeyCost cost);

/// A key at today's cost for something new: one that this process has derived from the passphrase already, with whatever salt;
/// else one with a fresh salt. Files sealed with one passphrase may share a salt: each has a nonce of its own.
Result<DerivedKey> new_derived_key(const Secret& passphrase);

}  // namespace portalkey
