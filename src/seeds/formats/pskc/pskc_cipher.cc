#include "seeds/formats/pskc/pskc_cipher.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "base/ascii.h"

namespace portalkey {
namespace {

struct NamedCipher {
  std::string_view name;
  PskcCipher cipher;
};

constexpr auto kCbc = PskcCipher::Mode::cbc;
constexpr auto kWrap = PskcCipher::Mode::wrap;
constexpr NamedCipher kCiphers[] = {
    {"aes128-cbc", {kCbc, 16, EVP_aes_128_cbc}},
    {"aes192-cbc", {kCbc, 24, EVP_aes_192_cbc}},
    {"aes256-cbc", {kCbc, 32, EVP_aes_256_cbc}},
    {"tripledes-cbc", {kCbc, 24, EVP_des_ede3_cbc, true}},
    {"3des-cbc", {kCbc, 24, EVP_des_ede3_cbc, true}},
    {"3des112-cbc", {kCbc, 16, EVP_des_ede3_cbc, true}},
    {"3des168-cbc", {kCbc, 24, EVP_des_ede3_cbc, true}},
    {"camellia128-cbc", {kCbc, 16, EVP_camellia_128_cbc}},
    {"camellia192-cbc", {kCbc, 24, EVP_camellia_192_cbc}},
    {"camellia256-cbc", {kCbc, 32, EVP_camellia_256_cbc}},
    {"kw-aes128", {kWrap, 16, EVP_aes_128_wrap, false, EVP_aes_128_wrap_pad}},
    {"kw-aes192", {kWrap, 24, EVP_aes_192_wrap, false, EVP_aes_192_wrap_pad}},
    {"kw-aes256", {kWrap, 32, EVP_aes_256_wrap, false, EVP_aes_256_wrap_pad}},
    {"kw-aes-128-pad", {kWrap, 16, EVP_aes_128_wrap_pad}},
    {"kw-aes-192-pad", {kWrap, 24, EVP_aes_192_wrap_pad}},
    {"kw-aes-256-pad", {kWrap, 32, EVP_aes_256_wrap_pad}},
    {"kw-aes128-pad", {kWrap, 16, EVP_aes_128_wrap_pad}},
    {"kw-aes192-pad", {kWrap, 24, EVP_aes_192_wrap_pad}},
    {"kw-aes256-pad", {kWrap, 32, EVP_aes_256_wrap_pad}},
    {"kw-tripledes", {kWrap, 24, EVP_des_ede3_wrap, true}},
};

std::string fragment(std::string_view algorithm) {
  algorithm = trimmed(algorithm);
  const auto hash = algorithm.rfind('#');
  return lower(hash == std::string_view::npos ? algorithm : algorithm.substr(hash + 1));
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

void require(bool ok) {
  if (!ok) throw std::runtime_error("libcrypto failed");
}

std::expected<Secret, Misfit> decrypt_by(const PskcCipher& cipher, const EVP_CIPHER* evp, const Secret& key,
                                         std::string_view text) {
  if (!cipher.takes(key.size())) return std::unexpected(Misfit::key_size);
  const bool cbc = cipher.mode == PskcCipher::Mode::cbc;
  const auto block = static_cast<std::size_t>(cbc ? EVP_CIPHER_get_block_size(evp) : 8);
  if (text.size() < 2 * block || text.size() % block != 0) return std::unexpected(Misfit::text_size);

  std::array<unsigned char, 32> material{};
  key.reveal([&](std::string_view k) {
    std::ranges::copy(k, material.begin());
    if (cipher.is_3des && k.size() == 16) std::ranges::copy(k.substr(0, 8), material.begin() + 16);
  });
  const Context context(EVP_CIPHER_CTX_new());
  require(context != nullptr);
  if (!cbc) EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  const bool set = EVP_DecryptInit_ex(context.get(), evp, nullptr, material.data(), cbc ? bytes(text) : nullptr) == 1;
  explicit_bzero(material.data(), material.size());
  require(set);
  if (cbc) {
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    text.remove_prefix(block);
  }
  std::string clear(text.size() + 32, '\0');
  const auto out = reinterpret_cast<unsigned char*>(clear.data());
  int size = 0, rest = 0;
  bool fits = EVP_DecryptUpdate(context.get(), out, &size, bytes(text), static_cast<int>(text.size())) == 1 && size >= 0;
  fits = fits && EVP_DecryptFinal_ex(context.get(), out + size, &rest) == 1;
  auto length = static_cast<std::size_t>(fits ? size + rest : 0);
  if (fits && cbc) {
    const std::size_t padding = length > 0 ? out[length - 1] : 0;
    fits = padding >= 1 && padding <= block && padding <= length;
    if (fits) length -= padding;
  }
  Secret result(std::string_view(clear).substr(0, fits ? length : 0));
  wipe(clear);
  if (!fits) return std::unexpected(Misfit::content);
  return result;
}

}  // namespace

std::string PskcCipher::wanted() const { return is_3des ? "16 or 24" : fmt::format("{}", key_bytes); }

std::optional<PskcCipher> pskc_cipher(std::string_view algorithm) {
  std::string name = fragment(algorithm);
  if (name.starts_with("pbe-")) name.erase(0, 4);
  for (const auto& known : kCiphers) {
    if (known.name == name) return known.cipher;
  }
  return std::nullopt;
}

const evp_md_st* pskc_hmac(std::string_view algorithm) {
  std::string name = fragment(algorithm);
  if (!name.starts_with("hmac-sha")) return nullptr;
  name.erase(0, 8);
  if (name.starts_with("-")) name.erase(0, 1);
  if (name == "1") return EVP_sha1();
  if (name == "224") return EVP_sha224();
  if (name == "256") return EVP_sha256();
  if (name == "384") return EVP_sha384();
  if (name == "512") return EVP_sha512();
  return nullptr;
}

std::expected<Secret, Misfit> decrypt(const PskcCipher& cipher, const Secret& key, std::string_view text) {
  auto clear = decrypt_by(cipher, cipher.evp(), key, text);
  if (!clear && clear.error() == Misfit::content && cipher.or_else != nullptr)
    return decrypt_by(cipher, cipher.or_else(), key, text);
  return clear;
}
std::string encrypt_aes128_cbc(std::string_view key, std::string_view iv, std::string_view clear) {
  if (key.size() != 16 || iv.size() != 16) throw std::invalid_argument("AES-128-CBC takes a key and a vector of 16 bytes");
  const Context context(EVP_CIPHER_CTX_new());
  require(context != nullptr);
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, bytes(key), bytes(iv)) == 1);
  std::string out(iv);
  out.resize(16 + clear.size() + 16);
  const auto to = reinterpret_cast<unsigned char*>(out.data()) + 16;
  int size = 0, rest = 0;
  require(EVP_EncryptUpdate(context.get(), to, &size, bytes(clear), static_cast<int>(clear.size())) == 1);
  require(EVP_EncryptFinal_ex(context.get(), to + size, &rest) == 1);
  out.resize(16 + static_cast<std::size_t>(size + rest));
  return out;
}

std::string hmac(const evp_md_st* hash, std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  require(HMAC(hash, key.empty() ? "" : key.data(), static_cast<int>(key.size()), bytes(text), text.size(), mac.data(),
               &size) != nullptr);
  return {reinterpret_cast<const char*>(mac.data()), size};
}

bool same_mac(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secret pbkdf2(const evp_md_st* hash, const Secret& passphrase, std::string_view salt, std::int64_t rounds,
              std::size_t key_bytes) {
  std::string key(key_bytes, '\0');
  passphrase.reveal([&](std::string_view text) {
    require(PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), bytes(salt), static_cast<int>(salt.size()),
                              static_cast<int>(rounds), hash, static_cast<int>(key.size()),
                              reinterpret_cast<unsigned char*>(key.data())) == 1);
  });
  Secret result{std::string_view(key)};
  wipe(key);
  return result;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  require(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

}  // namespace portalkey
