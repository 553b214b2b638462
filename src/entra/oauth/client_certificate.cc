#include "entra/oauth/client_certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <stdexcept>
#include <vector>

namespace portalkey {
namespace {

constexpr std::string_view kPasswordSetting = "credential.client_certificate_password_file";

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreePkcs12 {
  void operator()(PKCS12* bag) const { PKCS12_free(bag); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Pfx = std::unique_ptr<PKCS12, FreePkcs12>;

/// Reads the bytes where they are: no copy of the key is left behind.
Bio reading(std::string_view bytes) { return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

int give_password(char* to, int room, int, void* from) {
  const auto& password = *static_cast<const Secret*>(from);
  if (password.empty() || password.size() > static_cast<std::size_t>(room)) return -1;
  password.reveal([&](std::string_view text) { std::ranges::copy(text, to); });
  return static_cast<int>(password.size());
}

std::string digest(const x509_st* certificate, const EVP_MD* algorithm) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, algorithm, bytes, &size) != 1) throw std::runtime_error("a certificate cannot be hashed");
  return {reinterpret_cast<const char*>(bytes), size};
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return from_unix_seconds(::timegm(&parts));
}

std::unexpected<Error> wrong_password(bool given) {
  if (!given) {
    return fail(Errc::invalid_input, "the certificate's private key is protected by a password, and none is given",
                fmt::format("Set {} (or AZURE_CLIENT_CERTIFICATE_PASSWORD).", kPasswordSetting));
  }
  return fail(Errc::invalid_input, "the password does not open the certificate's private key",
              fmt::format("Correct {} (or AZURE_CLIENT_CERTIFICATE_PASSWORD).", kPasswordSetting));
}

std::unexpected<Error> no_key() {
  return fail(
      Errc::invalid_input, "the certificate's file holds no private key",
      "Give the file that holds both: a PEM with BEGIN CERTIFICATE and BEGIN PRIVATE KEY, or a PFX exported with its key.");
}

std::unexpected<Error> no_certificate() {
  return fail(Errc::invalid_input, "the file holds no certificate",
              "Give a PEM with BEGIN CERTIFICATE and BEGIN PRIVATE KEY, or a PFX (PKCS#12) file.");
}

}  // namespace

void ClientCertificate::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }  // wipes its numbers
void ClientCertificate::FreeCertificate::operator()(x509_st* certificate) const { X509_free(certificate); }

ClientCertificate::ClientCertificate(Key key, Certificate certificate, WallTime begins, WallTime ends)
    : key_(std::move(key)), certificate_(std::move(certificate)), begins_(begins), ends_(ends) {}

Result<ClientCertificate> ClientCertificate::parse(const Secret& bytes, const Secret& password) {
  auto out = bytes.reveal([&](std::string_view text) {
    return text.contains("-----BEGIN ") ? from_pem(text, password) : from_pfx(text, password);
  });
  ERR_clear_error();
  return out;
}

Result<ClientCertificate> ClientCertificate::from_pem(std::string_view text, const Secret& password) {
  std::vector<Certificate> certificates;
  for (const Bio bio = reading(text); X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);) {
    certificates.emplace_back(next);
  }
  if (!text.contains("PRIVATE KEY-----")) return no_key();
  const bool encrypted = text.contains("BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED");
  Key key(PEM_read_bio_PrivateKey(reading(text).get(), nullptr, give_password, const_cast<Secret*>(&password)));
  if (!key && encrypted) return wrong_password(!password.empty());
  if (!key) return fail(Errc::invalid_input, "the private key in the certificate's file is damaged", "Export it again.");
  if (certificates.empty()) return no_certificate();
  const auto own = std::ranges::find_if(certificates, [&](const Certificate& certificate) {  // a chain may follow the leaf
    return X509_check_private_key(certificate.get(), key.get()) == 1;
  });
  return checked(std::move(key), std::move(own == certificates.end() ? certificates.front() : *own));
}

Result<ClientCertificate> ClientCertificate::from_pfx(std::string_view bytes, const Secret& password) {
  const Pfx pfx(d2i_PKCS12_bio(reading(bytes).get(), nullptr));
  if (!pfx) {
    return fail(Errc::invalid_input, "the certificate's file is neither PEM nor PFX (PKCS#12)",
                "Give a PEM with certificate and private key, or a PFX file.");
  }
  std::string text = password.reveal([](std::string_view bare) { return std::string(bare); });
  const auto opened = [&](const char* attempt) {
    return PKCS12_mac_present(pfx.get()) == 0 || PKCS12_verify_mac(pfx.get(), attempt, -1) == 1;
  };
  const char* attempt = text.c_str();
  if (text.empty() && !opened(attempt)) attempt = nullptr;  // "no password" is written in two ways
  const bool right = opened(attempt);
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  bool parsed = right && PKCS12_parse(pfx.get(), attempt, &key, &certificate, nullptr) == 1;
  if (right && !parsed) {  // older Windows encrypts with RC2, which OpenSSL 3 keeps in a module of its own
    if (OSSL_PROVIDER* legacy = OSSL_PROVIDER_try_load(nullptr, "legacy", 1)) {
      parsed = PKCS12_parse(pfx.get(), attempt, &key, &certificate, nullptr) == 1;
      OSSL_PROVIDER_unload(legacy);
    }
  }
  wipe(text);
  Key owned_key(key);
  Certificate owned_certificate(certificate);
  if (!right) return wrong_password(!password.empty());
  if (!parsed) {
    return fail(Errc::invalid_input, "the PFX file is damaged or encrypted in a way that is not supported",
                "Export it again with AES-256 encryption, or convert it to PEM: openssl pkcs12 -legacy -in FILE -out FILE.pem");
  }
  if (!owned_key) return no_key();
  if (!owned_certificate) {  // PKCS12_parse returns only a certificate that is the key's
    return fail(Errc::invalid_input, "the PFX file holds no certificate of its private key",
                "Export the certificate together with its own private key.");
  }
  return checked(std::move(owned_key), std::move(owned_certificate));
}

Result<ClientCertificate> ClientCertificate::checked(Key key, Certificate certificate) {
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return fail(Errc::invalid_input, "the certificate's key is not an RSA key, and Entra takes no other from an application",
                "Make a certificate with an RSA key of 2048 bits or more.");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return fail(Errc::invalid_input, "the private key does not match the certificate",
                "Give the key that the certificate was made for.");
  }
  const WallTime begins = time_of(X509_get0_notBefore(certificate.get()));
  const WallTime ends = time_of(X509_get0_notAfter(certificate.get()));
  return ClientCertificate(std::move(key), std::move(certificate), begins, ends);
}

std::string ClientCertificate::sha256() const { return digest(certificate_.get(), EVP_sha256()); }
std::string ClientCertificate::sha1() const { return digest(certificate_.get(), EVP_sha1()); }

std::string ClientCertificate::thumbprint() const {
  std::string out;
  for (const unsigned char byte : sha1()) out += fmt::format("{:02X}", byte);
  return out;
}

std::string ClientCertificate::sign(std::string_view message, SignatureAlgorithm algorithm) const {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key = nullptr;
  bool good = context && EVP_DigestSignInit(context.get(), &key, EVP_sha256(), nullptr, key_.get()) == 1;
  if (good && algorithm == SignatureAlgorithm::ps256) {
    good = EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  good = good && EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1;
  std::string out(size, '\0');
  good = good && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, message.size()) == 1;
  if (!good) throw std::runtime_error("signing with the certificate's key failed");
  out.resize(size);
  return out;
}

}  // namespace portalkey
