#pragma once
// A file whose contents are sealed: XChaCha20-Poly1305 under a key that comes from a passphrase (Argon2id) or is given.
//
// Layout: magic "PKSEAL2\n", kind (1 byte), kdf (1 byte: 0 key given, 1 Argon2id), operations (u64, little endian), memory in
// bytes (u64), salt (16), key check (16), id (16), number (u64), length of the sealed part (u64), nonce (24), sealed part.
// Everything before the sealed part is authenticated with it. The key check is a keyed hash of a constant: it tells a wrong
// passphrase from a damaged file. Files of the layout before, "PKSEAL1\n", have no kind, id and number; they open, and become
// the present layout when they are next written.

#include <array>
#include <cstdint>
#include <filesystem>

#include "base/error.h"
#include "base/secret.h"
#include "vault/derived_keys.h"

namespace portalkey {

/// What a sealed file is, for messages, and so that one does not open in another's place.
struct SealedKind {
  std::uint8_t number;  ///< in the file; 0 is any
  const char* name;     ///< `the vault file`
  const char* damaged;  ///< what to do when its contents are lost
  const char* locked;   ///< what to do when the passphrase does not open it
};

/// Which writing of which file this is. An older copy of a file has its id and a lower number.
struct Writing {
  std::array<std::uint8_t, 16> id{};  ///< all zero: of the layout before
  std::uint64_t number = 0;

  bool operator==(const Writing&) const = default;
  /// The one that follows; the first one of a new file if this is none.
  Writing next() const;
};

/// 32 bytes, and how they came about, so that a file can be sealed again without deriving anew.
class SealKey {
 public:
  /// From a passphrase, at today's cost (vault/derived_keys.h). unavailable: too little memory.
  static Result<SealKey> from_passphrase(const Secret& passphrase);
  /// From 32 bytes that random_bytes() made.
  static SealKey from_bytes(Secret key);
  static Secret random_bytes();
  /// Of a file that was sealed at a lower cost than today's: it is to be written under from_passphrase() again.
  bool outdated() const { return kdf_ == 1 && cost_.outdated(); }

 private:
  friend class SealedFile;
  explicit SealKey(DerivedKey derived);
  SealKey() = default;
  std::uint8_t kdf_ = 0;
  KeyCost cost_;
  std::string salt_ = std::string(16, '\0');
  Secret key_;
};

struct Unsealed {
  Secret contents;
  SealKey key;  ///< for writing the file again
  Writing writing;
};

class SealedFile {
 public:
  /// not_found; unauthenticated: wrong passphrase or key; corrupt: truncated, damaged, or a file of another kind (says which).
  static Result<Unsealed> read_with_passphrase(const std::filesystem::path& path, const SealedKind& kind,
                                               const Secret& passphrase);
  static Result<Unsealed> read_with_key(const std::filesystem::path& path, const SealedKind& kind, const Secret& key);
  /// Atomic and durable. `after`: the writing that this one replaces.
  static Result<Writing> write(const std::filesystem::path& path, const SealedKind& kind, const Secret& contents,
                               const SealKey& key, const Writing& after = {});
};

}  // namespace portalkey
