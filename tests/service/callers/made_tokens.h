#pragma once
// Entra as these tests need it: keys that sign, a key set that is served or not, and a token that is right, to be altered.

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/base64.h"
#include "http/http.h"
#include "service/callers/entra_tokens.h"

namespace portalkey::made_tokens {

inline const std::string kTenant = "11111111-2222-4333-8444-555555555555";
inline const std::string kOtherTenant = "99999999-2222-4333-8444-555555555555";
inline const std::string kAudience = "aaaaaaaa-0000-4000-8000-000000000001";
inline const std::string kAudienceUri = "api://portalkey";
inline const std::string kUser = "bbbbbbbb-0000-4000-8000-000000000002";
inline const std::string kClient = "cccccccc-0000-4000-8000-000000000003";
inline const std::string kPrincipal = "dddddddd-0000-4000-8000-000000000004";
inline constexpr std::int64_t kNow = 1'800'000'000;

/// An RSA key of somebody's.
class RsaKey {
 public:
  explicit RsaKey(std::string name, unsigned bits = 2048) : kid(std::move(name)), key_(EVP_RSA_gen(bits), EVP_PKEY_free) {}

  std::string kid;

  std::string modulus() const {
    BIGNUM* n = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_N, &n);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
    BN_bn2bin(n, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(n);
    return base64url(bytes);
  }
  boost::json::object jwk() const {
    return {{"kty", "RSA"},   {"use", "sig"}, {"kid", kid},
            {"n", modulus()}, {"e", "AQAB"},  {"issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"}};
  }
  std::string sign(const std::string& what, const EVP_MD* digest = EVP_sha256()) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(what.data()), what.size());
    signature.resize(size);
    return signature;
  }
  std::string public_pem() const {
    const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key_.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
  std::string public_der() const {
    unsigned char* data = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &data);
    std::string out(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return out;
  }

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

/// Entra's, the one it takes next, and an attacker's. Made once: it takes a while.
inline const RsaKey& entra_key() {
  static const RsaKey key("entra-key-1");
  return key;
}
inline const RsaKey& next_key() {
  static const RsaKey key("entra-key-2");
  return key;
}
inline const RsaKey& attackers_key() {
  static const RsaKey key("attackers-key");
  return key;
}

inline std::string hmac(const std::string& secret, const std::string& what, const EVP_MD* digest = EVP_sha256()) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(what.data()), what.size(),
       out, &size);
  return {reinterpret_cast<char*>(out), size};
}

/// A token that is right: of an app, version 2. What is altered makes it another.
struct Draft {
  boost::json::object header{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", entra_key().kid}};
  boost::json::object claims{{"aud", kAudience},
                             {"iss", "https://login.microsoftonline.com/" + kTenant + "/v2.0"},
                             {"iat", kNow},
                             {"nbf", kNow},
                             {"exp", kNow + 3600},
                             {"azp", kClient},
                             {"azpacr", "1"},
                             {"oid", kPrincipal},
                             {"sub", kPrincipal},
                             {"tid", kTenant},
                             {"roles", boost::json::array{"Tokens.Read", "Imports.Write"}},
                             {"ver", "2.0"}};

  std::string signed_part() const {
    return base64url(boost::json::serialize(header)) + "." + base64url(boost::json::serialize(claims));
  }
  std::string token(const RsaKey& key = entra_key()) const { return signed_by(key, signed_part()); }
  static std::string signed_by(const RsaKey& key, const std::string& part) { return part + "." + base64url(key.sign(part)); }
};

/// Of a user, version 2.
inline Draft users() {
  Draft draft;
  auto& claims = draft.claims;
  claims["roles"] = boost::json::array{"Tokens.Read", "Tokens.Write", "Session.Manage"};
  claims["oid"] = kUser;
  claims["sub"] = "pairwise-subject";
  claims["scp"] = "Tokens.Read Tokens.Write Portal.Invoke openid";
  claims["preferred_username"] = "Ada@contoso.com";
  return draft;
}

/// The same token in version 1.
inline Draft version_1(Draft draft) {
  auto& claims = draft.claims;
  claims["ver"] = "1.0";
  claims["iss"] = "https://sts.windows.net/" + kTenant + "/";
  claims["appid"] = claims["azp"];
  claims.erase("azp");
  if (claims.contains("preferred_username")) {
    claims["upn"] = claims["preferred_username"];
    claims.erase("preferred_username");
  }
  draft.header["x5t"] = draft.header["kid"];
  return draft;
}

inline std::string key_set_of(std::initializer_list<const RsaKey*> keys) {
  boost::json::array entries;
  for (const auto* key : keys) entries.push_back(key->jwk());
  return boost::json::serialize(boost::json::object{{"keys", std::move(entries)}});
}

/// Serves a key set, and counts how often it is asked for. By any thread.
class KeyServer final : public Http {
 public:
  Result<Response> send(const Request& request, const Deadline&) override {
    std::unique_lock lock(mutex_);
    ++asked;
    urls.push_back(request.url.text());
    ready_.wait(lock, [this] { return !held; });
    if (!reachable) return fail(Errc::unavailable, "nobody answers");
    Response response;
    response.status = status;
    response.body = Secret(body);
    return response;
  }
  void hold(bool whether) {
    const std::scoped_lock lock(mutex_);
    held = whether;
    ready_.notify_all();
  }
  int times_asked() {
    const std::scoped_lock lock(mutex_);
    return asked;
  }

  std::string body = key_set_of({&entra_key()});
  int status = 200;
  bool reachable = true;
  bool held = false;  ///< answers wait
  int asked = 0;
  std::vector<std::string> urls;

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
};

inline EntraTokenSettings usual_settings() { return {"global", {kTenant}, {kAudience, kAudienceUri}, {}}; }

struct Entra {
  explicit Entra(EntraTokenSettings settings = usual_settings()) {
    auto made = make_entra_tokens(std::move(settings), server, clock);
    if (!made) throw std::runtime_error(made.error().what);
    tokens = std::move(*made);
  }
  Result<Caller> caller_of(const std::string& token) { return tokens->caller_of(token); }
  /// `accepted`, or the code of the refusal and its reason.
  std::string verdict(const std::string& token) {
    auto caller = caller_of(token);
    return caller ? "accepted" : std::string(name_of(caller.error().code)) + ": " + caller.error().what;
  }

  ManualClock clock{from_unix_seconds(kNow)};
  KeyServer server;
  std::unique_ptr<EntraTokens> tokens;
};

}  // namespace portalkey::made_tokens
