#include "sandbox/wire/certificates.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <set>

#include "sandbox/wire/openssl_types.h"

namespace portalkey::sandbox {
namespace {

constexpr int kDays = 3650;

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

std::unexpected<Error> openssl_failed() { return fail(Errc::internal, "OpenSSL could not make the sandbox's certificates"); }

}  // namespace

Certificate blank_certificate(EVP_PKEY* key, std::string_view common_name, int days) {
  Certificate certificate(X509_new());
  unsigned char serial[16];
  RAND_bytes(serial, sizeof serial);
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);  // positive, never shortened
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_set_version(certificate.get(), 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), days, 0, nullptr);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  return certificate;
}

Result<CertificateAndKey> make_certificate_authority(const std::vector<std::string>& names) {
  const Pkey key(EVP_EC_gen("P-256"));
  if (!key) return openssl_failed();
  const Certificate certificate = blank_certificate(key.get(), "portalkey sandbox CA", kDays);
  std::set<std::string> permitted;
  for (const auto& name : names) permitted.insert(name.starts_with("*.") ? name.substr(2) : name);
  std::string constraint = "critical,permitted;IP:127.0.0.1/255.255.255.255";
  for (const auto& name : permitted) constraint += ",permitted;DNS:" + name;
  X509* self = certificate.get();
  if (!add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(self, self, NID_subject_key_identifier, "hash") ||
      !add_extension(self, self, NID_name_constraints, constraint) || X509_sign(self, key.get(), EVP_sha256()) == 0) {
    return openssl_failed();
  }
  return CertificateAndKey{to_pem(self), to_pem(key.get())};
}

Result<CertificateAndKey> make_server_certificate(const CertificateAndKey& authority, const std::vector<std::string>& names) {
  const Pkey ca_key = key_from_pem(authority.key_pem);
  const Certificate ca = certificate_from_pem(authority.certificate_pem);
  const Pkey key(EVP_EC_gen("P-256"));
  if (!ca_key || !ca || !key) return openssl_failed();
  const Certificate certificate = blank_certificate(key.get(), "portalkey sandbox", 820);
  X509* self = certificate.get();
  X509_set_issuer_name(self, X509_get_subject_name(ca.get()));
  std::string alternatives = "IP:127.0.0.1";
  for (const auto& name : names) alternatives += ",DNS:" + name;
  if (!add_extension(self, ca.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(self, ca.get(), NID_key_usage, "critical,digitalSignature") ||
      !add_extension(self, ca.get(), NID_ext_key_usage, "serverAuth") ||
      !add_extension(self, ca.get(), NID_subject_key_identifier, "hash") ||
      !add_extension(self, ca.get(), NID_authority_key_identifier, "keyid") ||
      !add_extension(self, ca.get(), NID_subject_alt_name, alternatives) || X509_sign(self, ca_key.get(), EVP_sha256()) == 0) {
    return openssl_failed();
  }
  return CertificateAndKey{to_pem(self) + authority.certificate_pem, to_pem(key.get())};
}

}  // namespace portalkey::sandbox
