#include "sandbox/wire/jws.h"

#include <openssl/rsa.h>

#include <cmath>

#include "base/base64.h"

namespace portalkey::sandbox {

std::optional<Jws> take_apart(std::string_view compact) {
  const auto first = compact.find('.');
  const auto last = compact.rfind('.');
  if (first == std::string_view::npos || first == last || compact.find('.', first + 1) != last) return std::nullopt;
  const auto header = decode_base64url(compact.substr(0, first));
  const auto claims = decode_base64url(compact.substr(first + 1, last - first - 1));
  auto signature = decode_base64url(compact.substr(last + 1));
  if (!header || !claims || !signature) return std::nullopt;
  auto header_object = parse_json_object(*header);
  auto claims_object = parse_json_object(*claims);
  if (!header_object || !claims_object) return std::nullopt;
  return Jws{std::move(*header_object), std::move(*claims_object), std::string(compact.substr(0, last)), std::move(*signature)};
}

bool is_signed_by(const Jws& jws, EVP_PKEY* key) {
  const std::string algorithm = string_member(jws.header, "alg").value_or("");
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return false;
  if (algorithm != "RS256" && algorithm != "PS256") return false;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;  // the digest context owns it
  if (EVP_DigestVerifyInit(context.get(), &settings, EVP_sha256(), nullptr, key) != 1) return false;
  if (algorithm == "PS256" && (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
                               EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(jws.signature.data()), jws.signature.size(),
                          reinterpret_cast<const unsigned char*>(jws.signed_part.data()), jws.signed_part.size()) == 1;
}

std::vector<std::string> audiences_of(const json::object& claims) {
  std::vector<std::string> out;
  const auto* aud = member(claims, "aud");
  if (aud == nullptr) return out;
  if (aud->is_string()) out.emplace_back(view(aud->get_string()));
  if (aud->is_array()) {
    for (const auto& item : aud->get_array()) {
      if (item.is_string()) out.emplace_back(view(item.get_string()));
    }
  }
  return out;
}

std::optional<std::int64_t> time_of(const json::object& claims, std::string_view name) {
  const auto* value = member(claims, name);
  constexpr double kMost = 1e15;  // far beyond any date, and exact as an integer
  if (value != nullptr && value->is_double() && std::abs(value->get_double()) < kMost) {
    return static_cast<std::int64_t>(std::floor(value->get_double()));
  }
  return int_member(claims, name);
}

Certificate certificate_from_base64(std::string_view base64_der) {
  const auto der = decode_base64(base64_der);
  if (!der) return nullptr;
  const auto* begin = reinterpret_cast<const unsigned char*>(der->data());
  return Certificate(d2i_X509(nullptr, &begin, static_cast<long>(der->size())));
}

std::string thumbprint(X509* certificate, const EVP_MD* digest) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, digest, out, &size) != 1) return {};
  return {reinterpret_cast<char*>(out), size};
}

std::string upper_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace portalkey::sandbox
