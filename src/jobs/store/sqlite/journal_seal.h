#pragma once
// What the journal's key does: it seals secret keys, and marks rows so that nobody without it can alter them unnoticed.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

class JournalSeal {
 public:
  /// `key`: 32 bytes.
  explicit JournalSeal(Secret key);

  /// XChaCha20-Poly1305 with `bound` (bound_fields.h) as associated data: opens only beside the same.
  std::string seal(const Secret& base32, std::string_view bound) const;
  /// corrupt: damaged, sealed beside something else, or under another key.
  Result<Secret> unseal(std::string_view sealed, std::string_view bound) const;

  /// A keyed hash (BLAKE2b, 16 bytes, under a key derived from the journal's).
  std::string mark(std::string_view bound) const;
  bool marked(std::string_view bound, std::string_view mark) const;

 private:
  Secret key_;
  Secret mark_key_;
};

}  // namespace portalkey
