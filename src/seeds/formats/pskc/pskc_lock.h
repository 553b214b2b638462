#pragma once
// How a PSKC file protects its values: EncryptionKey and MACMethod (RFC 6030 §6), or the drafts' EncryptionMethod and
// DigestMethod; and the opening of each value with the user's key or passphrase.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "seeds/formats/pskc/pskc_cipher.h"

namespace portalkey {

/// What the file says, as it was read.
struct PskcProtectionInfo {
  bool encryption_key = false;  ///< EncryptionKey is there
  std::string key_name;         ///< of the pre-shared key, or of the passphrase
  bool by_certificate = false;  ///< X509Data, EncryptedKey: a public key
  bool derived = false;         ///< from a passphrase
  std::string derivation;       ///< the algorithm's name
  std::optional<std::string> salt;
  std::optional<std::int64_t> rounds, key_bytes;
  std::string prf;            ///< empty means HMAC-SHA1 (RFC 8018 A.2)
  std::string old_algorithm;  ///< the drafts' EncryptionMethod; empty for NONE
  std::string old_iv;         ///< the drafts' initialization vector, if the values do not begin with one
  bool draft = false;         ///< a namespace older than RFC 6030
  bool mac = false;           ///< MACMethod is there
  std::string mac_algorithm;
  bool mac_key = false;  ///< MACKey is there
  std::string mac_key_algorithm, mac_key_text;
  bool mac_key_by_reference = false;
};

/// One encrypted value.
struct PskcSealed {
  std::string_view algorithm;           ///< of the value; the drafts' own if empty
  std::string_view cipher_text;         ///< bytes
  std::optional<std::string_view> mac;  ///< bytes
};

class PskcLock {
 public:
  /// The secrets are kept by pointer; null: not given.
  PskcLock(const Secret* key, const Secret* passphrase, std::int64_t most_rounds)
      : given_key_(key), given_passphrase_(passphrase), most_rounds_(most_rounds) {}

  PskcProtectionInfo info;

  /// The clear text, its MAC checked if there has to be one. An Error means that the file must not be used.
  Result<Secret> open(const PskcSealed& sealed);
  /// A MAC of a value that is not encrypted.
  Result<void> check_plain(std::string_view clear, std::string_view mac);

  bool used() const { return used_; }
  bool used_without_mac() const { return without_mac_; }
  /// `aes128-cbc with a passphrase, HMAC-SHA1 checked`, for a note.
  std::string described() const;

 private:
  Result<const Secret*> key_for(const PskcCipher& cipher, std::string_view algorithm);
  Result<void> derive(const PskcCipher& cipher, std::string_view algorithm);
  Result<void> ready_mac();

  const Secret* given_key_;
  const Secret* given_passphrase_;
  std::int64_t most_rounds_;
  Secret derived_;
  Secret mac_key_;
  const evp_md_st* mac_hash_ = nullptr;
  bool used_ = false;
  bool without_mac_ = false;
  std::string used_algorithm_;
};

}  // namespace portalkey
