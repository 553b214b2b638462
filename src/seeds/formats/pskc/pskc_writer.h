#pragma once
// Writes tokens as PSKC 1.0 (RFC 6030), one KeyPackage each, plain or encrypted. Nothing is kept but the keys of the file.

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

/// With a key: AES-128-CBC. With a passphrase: the same with a key by PBKDF2-HMAC-SHA256. Both with HMAC-SHA256 over each
/// cipher text, by a MAC key of the file's own. With neither: the secret keys stand in the file as they are.
struct PskcProtection {
  const Secret* key = nullptr;  ///< 16 bytes
  const Secret* passphrase = nullptr;
  std::string key_name;  ///< what the reader is to look for; may be empty
};

inline constexpr int kPskcWrittenRounds = 600'000;  // OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256 (2023)

/// As many bytes as asked for, unpredictable: `random_bytes` (seeds/formats/pskc/pskc_cipher.h); tests give their own.
using RandomSource = std::function<std::string(std::size_t)>;

class PskcWriter {
 public:
  /// What `protection` points to must live until `begin` has returned. `out` gets text, in order; what it gets from a plain
  /// file is secret.
  PskcWriter(const PskcProtection& protection, RandomSource random, std::function<Result<void>(std::string_view)> out,
             int rounds = kPskcWrittenRounds);
  ~PskcWriter();
  PskcWriter(const PskcWriter&) = delete;
  PskcWriter& operator=(const PskcWriter&) = delete;

  /// invalid_input: a key that has not 16 bytes, an empty passphrase, or both given.
  Result<void> begin();
  /// What the file cannot say is left out: an otpauth label, an object id. A user's name goes into the key's UserId.
  /// invalid_input: a text with control characters, which XML cannot hold.
  Result<void> add(const TokenSeed& token);
  Result<void> end();

 private:
  Result<void> write(std::string& text);
  void add_secret(std::string& text, const TokenSeed& token);
  std::string sealed(std::string_view clear);

  PskcProtection protection_;
  RandomSource random_;
  std::function<Result<void>(std::string_view)> out_;
  int rounds_;
  bool encrypted_ = false;
  Secret key_, mac_key_;
  std::int64_t keys_ = 0;
};

}  // namespace portalkey
