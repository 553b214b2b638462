#include "seeds/model/token_seed.h"

#include "otp/base32.h"

namespace portalkey {

std::string_view name_of(OtpType type) {
  switch (type) {
    case OtpType::totp: return "totp";
    case OtpType::hotp: return "hotp";
    case OtpType::ocra: return "ocra";
    case OtpType::pin: return "pin";
    case OtpType::steam: return "steam";
    case OtpType::other: return "other";
    case OtpType::unknown: break;
  }
  return {};
}

std::string_view name_of(Hash hash) {
  switch (hash) {
    case Hash::sha1: return "sha1";
    case Hash::sha256: return "sha256";
    case Hash::sha512: break;
  }
  return "sha512";
}

Secret TokenSeed::key() const {
  return base32.reveal([](std::string_view text) {
    auto bytes = decode_base32(text);
    return bytes ? std::move(*bytes) : Secret();
  });
}

}  // namespace portalkey
