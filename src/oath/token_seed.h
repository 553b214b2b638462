#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/secret.h"
#include "oath/totp.h"

namespace portalkey {

enum class OtpType { totp, hotp };

/// One hardware OATH token as a seed file describes it.
struct TokenSeed {
  std::int64_t line = 0;  ///< where its row begins in the file, from 1
  std::string upn;        ///< empty if the file does not say who gets it
  std::string serial;     ///< text, leading zeros kept
  Secret base32;          ///< the secret key: upper-case base32 without padding, otherwise as the file has it
  std::string manufacturer;
  std::string model;
  OtpType type = OtpType::totp;
  Hash hash = Hash::sha1;
  int digits = 6;
  std::optional<int> step;  ///< the time interval in seconds

  /// The secret key's bytes, for computing codes. The reader has checked that it decodes.
  Secret key() const;
};

/// Why a backend of Entra would not take this token; empty if it would. The portal's CSV import takes TOTP, SHA-1, six
/// digits, 30 or 60 seconds, at most 128 base32 characters; Graph takes SHA-256 as well.
std::string why_not_portal(const TokenSeed& token);
std::string why_not_graph(const TokenSeed& token);

}  // namespace portalkey
