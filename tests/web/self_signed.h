#pragma once
// A certificate for tests.

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

#include "web/server.h"

namespace portalkey::web_test {

inline TlsIdentity self_signed() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  const auto pem = [](auto&& write) {
    BIO* bio = BIO_new(BIO_s_mem());
    write(bio);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  };
  TlsIdentity identity{pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); }),
                       pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

}  // namespace portalkey::web_test
