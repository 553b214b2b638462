#include "service/run/own_certificate.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/files.h"

namespace portalkey {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::size_t kLongestPem = std::size_t{1} << 20;
constexpr long kDay = 86'400;
constexpr long kGoodFor = 365 * kDay;

Bio reading(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<std::string> read_pem(const std::filesystem::path& file, FileUse use) {
  auto bytes = read_file(file, kLongestPem, use);
  if (!bytes) return pass(bytes);
  return bytes->reveal([](std::string_view text) { return std::string(text); });
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) return;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Result<TlsIdentity> make_identity(WallTime now) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate(X509_new(), X509_free);
  if (!key || !certificate) return fail(Errc::internal, "no certificate could be made");
  X509_set_version(certificate.get(), X509_VERSION_3);
  unsigned char serial[16];
  RAND_bytes(serial, sizeof serial);
  serial[0] &= 0x7f;
  BIGNUM* const number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  const time_t from = unix_seconds(now) - kDay, until = unix_seconds(now) + kGoodFor;
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, 0, const_cast<time_t*>(&from));
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), 0, 0, const_cast<time_t*>(&until));
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("portalkey on this machine"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature,keyCertSign");
  add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
  add_extension(certificate.get(), NID_subject_key_identifier, "hash");
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) return fail(Errc::internal, "no certificate could be made");
  const Bio chain(BIO_new(BIO_s_mem()), BIO_free), secret(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(chain.get(), certificate.get());
  PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return TlsIdentity{text_of(chain.get()), text_of(secret.get())};
}

/// Seconds until it ends; negative: it has. nullopt: it cannot be read.
std::optional<std::int64_t> left_of(const std::string& pem, WallTime now) {
  const Bio bio = reading(pem);
  const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) return std::nullopt;
  const time_t at = unix_seconds(now);
  ASN1_TIME* const present = ASN1_TIME_set(nullptr, at);
  int days = 0, seconds = 0;
  const int known = ASN1_TIME_diff(&days, &seconds, present, X509_get0_notAfter(certificate.get()));
  ASN1_TIME_free(present);
  if (known == 0) return std::nullopt;
  return std::int64_t{days} * kDay + seconds;
}

}  // namespace

Result<TlsIdentity> read_identity(const std::filesystem::path& certificate, const std::filesystem::path& key, WallTime now) {
  auto chain = read_pem(certificate, FileUse::trusted);
  if (!chain) return pass(chain);
  auto secret = read_pem(key, FileUse::key);
  if (!secret) return pass(secret);
  const auto unusable = [&](const char* what, const std::filesystem::path& file) {
    return std::unexpected(
        Error{Errc::invalid_input, what, "Give the certificate chain and its private key, in PEM.", {{"file", file.string()}}});
  };
  const Bio bio = reading(*chain), key_bio = reading(*secret);
  const Certificate first(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (!first) return unusable("the file has no certificate in PEM", certificate);
  const Key of(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr), EVP_PKEY_free);
  if (!of) return unusable("the file has no private key in PEM without a passphrase", key);
  if (X509_check_private_key(first.get(), of.get()) != 1) return unusable("the private key is not the certificate's", key);
  if (const auto left = left_of(*chain, now); !left || *left < 0) return unusable("the certificate has ended", certificate);
  return TlsIdentity{std::move(*chain), std::move(*secret)};
}

Result<TlsIdentity> own_identity(const std::filesystem::path& folder, WallTime now) {
  const auto certificate = folder / "certificate.pem", key = folder / "certificate.key";
  const auto there = file_exists(certificate);
  if (!there) return std::unexpected(there.error());
  if (*there) {
    auto known = read_identity(certificate, key, now);
    if (known && left_of(known->chain_pem, now).value_or(0) > 30 * kDay) return known;
  }
  auto made = make_identity(now);
  if (!made) return made;
  if (auto written = write_file_atomically(key, made->key_pem); !written) return pass(written);
  if (auto written = write_file_atomically(certificate, made->chain_pem); !written) return pass(written);
  return made;
}

}  // namespace portalkey
