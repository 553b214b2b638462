#include "provision/app_certificate.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/base64.h"

namespace portalkey {
namespace {

template <auto free_function>
struct FreedBy {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;
using Bio = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>>;

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

bool add_extension(X509* certificate, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string der_of(X509* certificate) {
  std::string der(static_cast<std::size_t>(std::max(0, i2d_X509(certificate, nullptr))), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &at);
  return der;
}

}  // namespace

Result<Secret> make_app_certificate(const std::string& common_name, WallTime now, std::chrono::days lifetime) {
  const auto failed = [] { return fail(Errc::internal, "OpenSSL could not make a certificate", "Report this."); };
  const Key key(EVP_RSA_gen(2048));
  const Certificate certificate(X509_new());
  if (!key || !certificate) return failed();
  X509_set_version(certificate.get(), X509_VERSION_3);
  unsigned char serial[16];
  if (RAND_bytes(serial, sizeof serial) != 1) return failed();
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x01);  // positive, never shortened
  std::unique_ptr<BIGNUM, FreedBy<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  const std::time_t begins = std::chrono::system_clock::to_time_t(now - std::chrono::minutes(5));  // clocks differ
  const std::time_t ends = std::chrono::system_clock::to_time_t(now + lifetime);
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, 0, const_cast<std::time_t*>(&begins));
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), 0, 0, const_cast<std::time_t*>(&ends));
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      !add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") ||
      !add_extension(certificate.get(), NID_ext_key_usage, "clientAuth") ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    return failed();
  }
  const Bio text(BIO_new(BIO_s_secmem()));
  if (!text || PEM_write_bio_PKCS8PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(text.get(), certificate.get()) != 1) {
    return failed();
  }
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return Secret(std::string_view(bytes, static_cast<std::size_t>(size)));
}

Result<AppCertificate> read_app_certificate(const Secret& pem) {
  return pem.reveal([](std::string_view text) -> Result<AppCertificate> {
    const Bio certificate_text = reader(text);
    const Certificate certificate(PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
    const Bio key_text = reader(text);
    // A password callback that refuses: without one OpenSSL asks on the terminal.
    const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
    if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1) {
      return fail(Errc::corrupt, "the file does not hold a certificate and the private key that belongs to it",
                  "Move the file away; a new pair is made then.");
    }
    AppCertificate out;
    out.der_base64 = base64(der_of(certificate.get()));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    X509_digest(certificate.get(), EVP_sha1(), digest, &size);
    for (unsigned int i = 0; i < size; ++i) out.thumbprint += fmt::format("{:02X}", digest[i]);
    std::tm ends{};
    ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &ends);
    out.ends = std::chrono::system_clock::from_time_t(::timegm(&ends));
    return out;
  });
}

}  // namespace portalkey
