#pragma once
// A certificate with its private key, as an app registration's credential.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

struct evp_pkey_st;
struct x509_st;

namespace portalkey {

enum class SignatureAlgorithm { ps256, rs256 };

class ClientCertificate {
 public:
  /// PEM (certificate and key in one text, in any order, the key encrypted or not) or PFX/PKCS#12. `password` may be empty.
  /// invalid_input, each with its own message: wrong or missing password, no key, no certificate, a key that is not the
  /// certificate's, a key that is not RSA (Entra takes no other).
  static Result<ClientCertificate> parse(const Secret& bytes, const Secret& password);

  std::string sha256() const;      ///< of the certificate (DER), 32 bytes
  std::string sha1() const;        ///< 20 bytes: the thumbprint that Entra shows
  std::string thumbprint() const;  ///< sha1() in hexadecimal upper case
  WallTime begins() const { return begins_; }
  WallTime ends() const { return ends_; }

  /// PKCS#1: PSS with SHA-256 and a salt as long as the hash, or version 1.5 with SHA-256.
  std::string sign(std::string_view message, SignatureAlgorithm algorithm) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  struct FreeCertificate {
    void operator()(x509_st* certificate) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, FreeKey>;
  using Certificate = std::unique_ptr<x509_st, FreeCertificate>;

  static Result<ClientCertificate> from_pem(std::string_view text, const Secret& password);
  static Result<ClientCertificate> from_pfx(std::string_view bytes, const Secret& password);
  static Result<ClientCertificate> checked(Key key, Certificate certificate);
  ClientCertificate(Key key, Certificate certificate, WallTime begins, WallTime ends);

  Key key_;
  Certificate certificate_;
  WallTime begins_, ends_;
};

}  // namespace portalkey
