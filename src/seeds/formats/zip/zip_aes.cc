#include "seeds/formats/zip/zip_aes.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace portalkey {
namespace {

constexpr std::size_t kVerifier = 2, kCode = 10;
constexpr int kRounds = 1000;

using Mac = std::unique_ptr<EVP_MAC, decltype([](EVP_MAC* mac) { EVP_MAC_free(mac); })>;
using Context = std::unique_ptr<EVP_MAC_CTX, decltype([](EVP_MAC_CTX* context) { EVP_MAC_CTX_free(context); })>;

void require(bool ok) {
  if (!ok) throw std::runtime_error("libcrypto failed");
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// HMAC-SHA-1 with the second of the three parts that PBKDF2 makes: a key to decrypt, one to authenticate, the verifier.
Context begin(std::string_view salt, std::size_t key_bytes, const Secret& passphrase) {
  std::string keys(2 * key_bytes + kVerifier, '\0');
  passphrase.reveal([&](std::string_view text) {
    require(PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), bytes(salt), static_cast<int>(salt.size()), kRounds,
                              EVP_sha1(), static_cast<int>(keys.size()), reinterpret_cast<unsigned char*>(keys.data())) == 1);
  });
  const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  require(mac != nullptr);
  Context context(EVP_MAC_CTX_new(mac.get()));
  require(context != nullptr);
  std::array<char, 5> sha1{"SHA1"};
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha1.data(), 0),
                                   OSSL_PARAM_construct_end()};
  const bool begun = EVP_MAC_init(context.get(), bytes(keys) + key_bytes, key_bytes, parameters) == 1;
  wipe(keys);
  require(begun);
  return context;
}

}  // namespace

Result<bool> zip_aes_is_authentic(const std::function<Result<std::size_t>(std::span<char>)>& read, std::uint64_t size,
                                  std::size_t key_bytes, const Secret& passphrase) {
  const std::size_t before = key_bytes / 2 + kVerifier;  // the salt is half as long as the key
  if (size < before + kCode) return false;
  std::string room(64 * 1024, '\0');
  const auto take = [&](std::size_t wanted) -> Result<std::string_view> {
    std::size_t done = 0;
    while (done < wanted) {
      const auto n = read(std::span(room).subspan(done, wanted - done));
      if (!n) return std::unexpected(n.error());
      if (*n == 0) break;
      done += *n;
    }
    return std::string_view(room).substr(0, done);
  };
  const auto head = take(before);
  if (!head) return std::unexpected(head.error());
  if (head->size() < before) return false;
  const auto context = begin(head->substr(0, key_bytes / 2), key_bytes, passphrase);
  for (std::uint64_t left = size - before - kCode; left > 0;) {
    const auto piece = take(static_cast<std::size_t>(std::min<std::uint64_t>(left, room.size())));
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return false;
    require(EVP_MAC_update(context.get(), bytes(*piece), piece->size()) == 1);
    left -= piece->size();
  }
  const auto code = take(kCode);
  if (!code) return std::unexpected(code.error());
  std::array<unsigned char, EVP_MAX_MD_SIZE> computed{};
  std::size_t computed_size = 0;
  require(EVP_MAC_final(context.get(), computed.data(), &computed_size, computed.size()) == 1 && computed_size >= kCode);
  return code->size() == kCode && CRYPTO_memcmp(code->data(), computed.data(), kCode) == 0;
}

}  // namespace portalkey
