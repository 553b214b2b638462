#pragma once
// Signed JSON as clients present it (RFC 7515, compact form). Included by .cc files only.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/wire/json.h"
#include "sandbox/wire/openssl_types.h"

namespace portalkey::sandbox {

struct Jws {
  json::object header;
  json::object claims;
  std::string signed_part;  ///< `header.payload` as it came
  std::string signature;    ///< its bytes
};

/// Takes it apart without verifying anything; nullopt if it is not three base64url parts, the first two JSON objects.
std::optional<Jws> take_apart(std::string_view compact);

/// Whether `key` (RSA) made the signature by the algorithm that the header names: RS256 or PS256, no other.
bool is_signed_by(const Jws& jws, EVP_PKEY* key);

/// The values of `aud`, which is a string or an array of them.
std::vector<std::string> audiences_of(const json::object& claims);

/// A NumericDate, whole or with a fraction (MSAL for Python sends one); nullopt if it is absent or no number.
std::optional<std::int64_t> time_of(const json::object& claims, std::string_view name);

/// nullptr if it is not base64 of a certificate's DER.
Certificate certificate_from_base64(std::string_view base64_der);
/// SHA-1 or SHA-256 of the certificate's DER, as bytes.
std::string thumbprint(X509* certificate, const EVP_MD* digest);

/// `0A1B…`
std::string upper_hex(std::string_view bytes);

}  // namespace portalkey::sandbox
