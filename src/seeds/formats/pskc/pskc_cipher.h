#pragma once
// The ciphers, MACs and key derivation that PSKC files name: RFC 6030 §6, XML Encryption 1.1 §5, RFC 6931. All by libcrypto.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

struct evp_cipher_st;
struct evp_md_st;

namespace portalkey {

/// A symmetric cipher by the name the file gives it.
struct PskcCipher {
  enum class Mode { cbc, wrap } mode;
  std::size_t key_bytes;  ///< 3DES also takes 16: two keys
  const evp_cipher_st* (*evp)();
  bool is_3des = false;
  /// What goes under the same name: python-pskc pads (RFC 5649) where the name says it does not. Null: nothing. Wrapped keys
  /// tell by themselves whether they are whole, so that both may be tried.
  const evp_cipher_st* (*or_else)() = nullptr;

  bool takes(std::size_t bytes) const { return bytes == key_bytes || (is_3des && bytes == 16); }
  /// `16`, or `16 or 24`.
  std::string wanted() const;
};

/// By a URI's fragment or the drafts' names (`3DES112-CBC`, `PBE-AES128-CBC`), in any case.
std::optional<PskcCipher> pskc_cipher(std::string_view algorithm);

/// The hash of `…#hmac-sha256`, `HMAC-SHA-1`, …: SHA-1, 224, 256, 384 or 512. Null if it is none of them.
const evp_md_st* pskc_hmac(std::string_view algorithm);

enum class Misfit { key_size, text_size, content };

/// The clear text. CBC: the first block is the initialization vector, the last byte of the clear text counts the padding (XML
/// Encryption §5.2: its other bytes are arbitrary). Wrap: RFC 3394, 5649, 3217, which tell a wrong key.
std::expected<Secret, Misfit> decrypt(const PskcCipher& cipher, const Secret& key, std::string_view cipher_text);

/// AES-128-CBC; `iv` has 16 bytes. The result begins with it.
std::string encrypt_aes128_cbc(std::string_view key, std::string_view iv, std::string_view clear);

std::string hmac(const evp_md_st* hash, std::string_view key, std::string_view text);
/// In constant time.
bool same_mac(std::string_view a, std::string_view b);

/// PBKDF2, RFC 8018 §5.2.
Secret pbkdf2(const evp_md_st* hash, const Secret& passphrase, std::string_view salt, std::int64_t rounds,
              std::size_t key_bytes);

/// From the operating system's generator, for keys and salts.
std::string random_bytes(std::size_t count);

}  // namespace portalkey
