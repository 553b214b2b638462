#pragma once
// Entra's token-signing key: RS256 over compact JWS, and the key set document's entry for it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace portalkey::sandbox {

class SigningKey {
 public:
  static Result<SigningKey> generate();
  static Result<SigningKey> load(std::string_view key_pem, std::string_view certificate_pem);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  std::string key_pem() const;
  std::string certificate_pem() const;

  /// `header.payload.signature`; version 1 tokens have `x5t` in the header, version 2 tokens do not.
  std::string sign(std::string_view payload_json, bool version1) const;
  /// The payload of a JWS that this key signed; nullopt for anything else. Says nothing about its times or audience.
  std::optional<std::string> verify(std::string_view jws) const;

  // For the key set, all base64url except x5c, which is base64.
  const std::string& kid() const;
  std::string modulus() const;
  std::string x5c() const;

 private:
  struct Impl;
  explicit SigningKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// SHA-256 in lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace portalkey::sandbox
