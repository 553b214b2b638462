#pragma once
// A file whose contents are sealed: XChaCha20-Poly1305 under a key that comes from a passphrase (Argon2id) or is given.
//
// Layout: magic "PKSEAL1\n", kdf (1 byte: 0 key given, 1 Argon2id), operations (u64, little endian), memory in bytes (u64),
// salt (16), key check (16), length of the sealed part (u64), nonce (24), sealed part. Everything before the sealed part is
// authenticated with it. The key check is a keyed hash of a constant: it tells a wrong passphrase from a damaged file.

#include <cstdint>
#include <filesystem>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

/// 32 bytes, and how they came about, so that a file can be sealed again without deriving anew.
class SealKey {
 public:
  /// From a passphrase, with a fresh salt. Takes about a tenth of a second and 64 MiB (Argon2id, "interactive").
  static SealKey from_passphrase(const Secret& passphrase);
  /// From 32 bytes that random_bytes() made.
  static SealKey from_bytes(Secret key);
  static Secret random_bytes();

 private:
  friend class SealedFile;
  std::uint8_t kdf_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t memory_bytes_ = 0;
  std::string salt_ = std::string(16, '\0');
  Secret key_;
};

struct Unsealed {
  Secret contents;
  SealKey key;  ///< for writing the file again
};

class SealedFile {
 public:
  /// not_found; unauthenticated: wrong passphrase or key; corrupt: truncated or damaged (says which).
  static Result<Unsealed> read_with_passphrase(const std::filesystem::path& path, const Secret& passphrase);
  static Result<Secret> read_with_key(const std::filesystem::path& path, const SealKey& key);
  /// Atomic and durable.
  static Result<void> write(const std::filesystem::path& path, const Secret& contents, const SealKey& key);
};

}  // namespace portalkey
