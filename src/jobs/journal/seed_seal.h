#pragma once
// Seals the secret keys that wait in the journal: XChaCha20-Poly1305, each bound to its job and row.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

class SeedSeal {
 public:
  using PassphraseSource = std::function<Result<Secret>()>;
  /// The journal's key: random bytes in a file, made the first time. The file is sealed with the vault's passphrase where the
  /// profile has one; otherwise it has mode 0600 and protects against nothing that can read its folder.
  static Result<SeedSeal> open(const std::filesystem::path& file, const std::optional<PassphraseSource>& passphrase);
  static SeedSeal with_key(Secret key) { return SeedSeal(std::move(key)); }

  std::string seal(const Secret& base32, const std::string& job, std::int64_t row) const;
  /// corrupt: damaged, or sealed under another key.
  Result<Secret> unseal(std::string_view sealed, const std::string& job, std::int64_t row) const;

 private:
  explicit SeedSeal(Secret key) : key_(std::move(key)) {}
  Secret key_;
};

}  // namespace portalkey
