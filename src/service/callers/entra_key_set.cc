#include "service/callers/entra_key_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/base64.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostKeys = 100, kLongestOfAKey = 2048;
constexpr int kLeastBits = 2048, kMostBits = 8192;

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;

std::string member_text(const boost::json::object& entry, std::string_view name) {
  const auto* value = entry.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().size() > kLongestOfAKey) return {};
  return std::string(value->get_string());
}

Number number_of(const boost::json::object& entry, std::string_view name) {
  const auto bytes = decode_base64url(member_text(entry, name));
  if (!bytes || bytes->empty()) return nullptr;
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()), static_cast<int>(bytes->size()), nullptr));
}

std::shared_ptr<EVP_PKEY> rsa_key(const BIGNUM* modulus, const BIGNUM* exponent) {
  const std::unique_ptr<OSSL_PARAM_BLD, FreedBy<OSSL_PARAM_BLD_free>> build(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent);
  const std::unique_ptr<OSSL_PARAM, FreedBy<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(build.get()));
  const std::unique_ptr<EVP_PKEY_CTX, FreedBy<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

std::optional<EntraKey> key_in(const boost::json::value& value) {
  const auto* entry = value.if_object();
  if (entry == nullptr || member_text(*entry, "kty") != "RSA") return std::nullopt;
  if (entry->contains("use") && member_text(*entry, "use") != "sig") return std::nullopt;
  if (entry->contains("alg") && member_text(*entry, "alg") != "RS256") return std::nullopt;
  const auto modulus = number_of(*entry, "n"), exponent = number_of(*entry, "e");
  if (!modulus || !exponent || BN_num_bits(modulus.get()) < kLeastBits || BN_num_bits(modulus.get()) > kMostBits)
    return std::nullopt;
  if (BN_is_odd(exponent.get()) == 0 || BN_num_bits(exponent.get()) < 2 || BN_num_bits(exponent.get()) > 32)
    return std::nullopt;
  EntraKey out{member_text(*entry, "kid"), member_text(*entry, "issuer"), rsa_key(modulus.get(), exponent.get())};
  if (out.kid.empty() || out.key == nullptr) return std::nullopt;
  return out;
}

}  // namespace

bool EntraKey::is_for(std::string_view tenant) const {
  if (issuer.empty()) return true;
  return issuer.ends_with("/{tenantid}/v2.0") || issuer.ends_with("/" + std::string(tenant) + "/v2.0");
}

bool EntraKey::signed_it(std::string_view signed_part, std::string_view signature) const {
  const std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const bool right = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                     EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                      reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) == 1;
  if (!right) ERR_clear_error();  // nobody else asks what went wrong on this thread
  return right;
}

Result<EntraKeySet> EntraKeySet::read(std::string_view json) {
  boost::system::error_code problem;
  const auto parsed = boost::json::parse(json, problem);
  const auto* document = problem ? nullptr : parsed.if_object();
  const auto* entries = document == nullptr ? nullptr : document->if_contains("keys");
  if (entries == nullptr || !entries->is_array()) return fail(Errc::unavailable, "Entra's key set is not readable");
  EntraKeySet out;
  std::vector<std::string> unclear;
  for (const auto& entry : entries->get_array()) {
    auto key = key_in(entry);
    if (!key || out.keys_.size() == kMostKeys) continue;
    const EntraKey* same = out.find(key->kid);
    if (same == nullptr) {
      out.keys_.push_back(std::move(*key));
    } else if (EVP_PKEY_eq(same->key.get(), key->key.get()) != 1 || same->issuer != key->issuer) {
      unclear.push_back(key->kid);
    }
  }
  std::erase_if(out.keys_, [&](const EntraKey& key) { return std::ranges::find(unclear, key.kid) != unclear.end(); });
  if (out.keys_.empty()) return fail(Errc::unavailable, "Entra's key set has no key that can be used");
  return out;
}

const EntraKey* EntraKeySet::find(std::string_view kid) const {
  const auto found = std::ranges::find(keys_, kid, &EntraKey::kid);
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace portalkey
