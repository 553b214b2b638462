#include "sandbox/world/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <utility>
#include <vector>

#include "base/base64.h"
#include "sandbox/wire/openssl_types.h"

namespace portalkey::sandbox {
namespace {

std::string der_of(X509* certificate) {
  unsigned char* data = nullptr;
  const int size = i2d_X509(certificate, &data);
  std::string out(reinterpret_cast<char*>(data), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(data);
  return out;
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out, &size, kind, nullptr);
  return {reinterpret_cast<char*>(out), size};
}

}  // namespace

struct SigningKey::Impl {
  Pkey key;
  Certificate certificate;
  std::string kid;
};

SigningKey::SigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->kid = base64url(digest(EVP_sha1(), der_of(impl_->certificate.get())));
}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::generate() {
  auto impl = std::make_unique<Impl>();
  impl->key = Pkey(EVP_RSA_gen(2048));
  if (!impl->key) return fail(Errc::internal, "OpenSSL could not make the sandbox's signing key");
  impl->certificate = blank_certificate(impl->key.get(), "accounts.accesscontrol.windows.net", 3650);
  if (X509_sign(impl->certificate.get(), impl->key.get(), EVP_sha256()) == 0) {
    return fail(Errc::internal, "OpenSSL could not make the sandbox's signing key");
  }
  return SigningKey(std::move(impl));
}

Result<SigningKey> SigningKey::load(std::string_view key_pem, std::string_view certificate_pem) {
  auto impl = std::make_unique<Impl>();
  impl->key = key_from_pem(key_pem);
  impl->certificate = certificate_from_pem(certificate_pem);
  if (!impl->key || !impl->certificate) {
    return fail(Errc::corrupt, "the sandbox's signing key is damaged", "Remove the sandbox's folder and start afresh.");
  }
  return SigningKey(std::move(impl));
}

std::string SigningKey::key_pem() const { return to_pem(impl_->key.get()); }
std::string SigningKey::certificate_pem() const { return to_pem(impl_->certificate.get()); }
const std::string& SigningKey::kid() const { return impl_->kid; }

std::string SigningKey::modulus() const {
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(impl_->key.get(), OSSL_PKEY_PARAM_RSA_N, &n);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
  BN_bn2bin(n, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(n);
  return base64url(bytes);
}

std::string SigningKey::x5c() const { return base64(der_of(impl_->certificate.get())); }

std::string SigningKey::sign(std::string_view payload_json, bool version1) const {
  const std::string x5t = version1 ? R"(,"x5t":")" + impl_->kid + '"' : "";
  const std::string header = R"({"typ":"JWT","alg":"RS256")" + x5t + R"(,"kid":")" + impl_->kid + "\"}";
  std::string out = base64url(header) + '.' + base64url(payload_json);
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())), '\0');
  std::size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(out.data()), out.size());
  signature.resize(size);
  return out + '.' + base64url(signature);
}

std::optional<std::string> SigningKey::verify(std::string_view jws) const {
  const auto last = jws.rfind('.');
  const auto first = jws.find('.');
  if (last == std::string_view::npos || first == last) return std::nullopt;
  // The header is not read: whatever algorithm it claims, only an RS256 signature by this key passes.
  const auto signature = decode_base64url(jws.substr(last + 1));
  if (!signature) return std::nullopt;
  const auto signed_part = jws.substr(0, last);
  const DigestContext context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) != 1 ||
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()), signature->size(),
                       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) != 1) {
    return std::nullopt;
  }
  return decode_base64url(jws.substr(first + 1, last - first - 1));
}

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : digest(EVP_sha256(), bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace portalkey::sandbox
