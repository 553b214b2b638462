#pragma once
// The Ed25519 key that signs a trail's checkpoints: `FOLDER/audit.key`, mode 0600, made once.
//
// It is not sealed. The service signs by itself, also after it was started again, so whatever opened the key would have to lie
// beside it. And a thief of the key gains little: what the trail cannot be changed against are the checkpoints that have gone
// out, which nobody takes back, whoever can sign new ones.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace portalkey {

inline constexpr const char* kSigningKeyFile = "audit.key";

class SigningKey {
 public:
  enum class Missing { made, not_found };
  /// corrupt: the file holds no key.
  static Result<SigningKey> open(const std::filesystem::path& folder, Missing missing);

  /// base64url without padding, 43 characters.
  const std::string& public_key() const { return public_key_; }
  /// Likewise, 86 characters.
  std::string sign(std::string_view bytes) const;

 private:
  explicit SigningKey(const Secret& seed);
  Secret key_;
  std::string public_key_;
};

/// Whether the signature was made by the owner of the public key; both as above.
bool signature_fits(std::string_view public_key, std::string_view bytes, std::string_view signature);

}  // namespace portalkey
