#pragma once
// Certificates made by OpenSSL for one test.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "base/clock.h"

namespace portalkey {

struct MadeCertificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;

  static std::shared_ptr<EVP_PKEY> rsa_key() { return {EVP_RSA_gen(2048), EVP_PKEY_free}; }
  static std::shared_ptr<EVP_PKEY> elliptic_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

  explicit MadeCertificate(std::shared_ptr<EVP_PKEY> with = rsa_key(), WallTime begins = from_unix_seconds(1'700'000'000),
                           WallTime ends = from_unix_seconds(1'900'000'000))
      : key(std::move(with)), certificate(X509_new(), X509_free) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), unix_seconds(begins));
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), unix_seconds(ends));
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("portalkey"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
  }

  std::string certificate_pem() const {
    return text_of([&](BIO* bio) { PEM_write_bio_X509(bio, certificate.get()); });
  }
  /// Encrypted if there is a password.
  std::string key_pem(const std::string& password = "") const {
    return text_of([&](BIO* bio) {
      PEM_write_bio_PKCS8PrivateKey(bio, key.get(), password.empty() ? nullptr : EVP_aes_256_cbc(), password.c_str(),
                                    static_cast<int>(password.size()), nullptr, nullptr);
    });
  }
  /// `algorithm`: a NID; 0 is OpenSSL's own choice.
  std::string pfx(const char* password, int algorithm = 0, bool with_key = true, bool with_certificate = true) const {
    const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> bag(
        PKCS12_create(password, "portalkey", with_key ? key.get() : nullptr, with_certificate ? certificate.get() : nullptr,
                      nullptr, algorithm, algorithm, 0, 0, 0),
        PKCS12_free);
    return text_of([&](BIO* bio) { i2d_PKCS12_bio(bio, bag.get()); });
  }

  bool verifies(const std::string& message, const std::string& signature, bool pss) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> public_key(X509_get_pubkey(certificate.get()), EVP_PKEY_free);
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, public_key.get());
    if (pss) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
    }
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  }

 private:
  template <class Write>
  static std::string text_of(Write&& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    write(bio.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

}  // namespace portalkey
