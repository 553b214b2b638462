#include "jobs/store/sqlite/journal_seal.h"

#include <sodium.h>

#include <stdexcept>

namespace portalkey {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kMark = crypto_generichash_BYTES_MIN;
constexpr const char* kMarkContext = "pkjrnmrk";  // crypto_kdf: 8 bytes
static_assert(crypto_kdf_KEYBYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

JournalSeal::JournalSeal(Secret key) : key_(std::move(key)) {
  if (key_.size() != crypto_kdf_KEYBYTES) throw std::logic_error("a journal's key has 32 bytes");
  unsigned char derived[crypto_generichash_KEYBYTES];
  key_.reveal(
      [&](std::string_view master) { crypto_kdf_derive_from_key(derived, sizeof derived, 1, kMarkContext, bytes(master)); });
  mark_key_ = Secret({reinterpret_cast<const char*>(derived), sizeof derived});
  sodium_memzero(derived, sizeof derived);
}

std::string JournalSeal::seal(const Secret& base32, std::string_view bound) const {
  std::string out(kNonce + base32.size() + kTag, '\0');
  randombytes_buf(out.data(), kNonce);
  auto* sealed = reinterpret_cast<unsigned char*>(out.data());
  key_.reveal([&](std::string_view key) {
    base32.reveal([&](std::string_view plain) {
      crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + kNonce, nullptr, bytes(plain), plain.size(), bytes(bound),
                                                 bound.size(), nullptr, sealed, bytes(key));
    });
  });
  return out;
}

Result<Secret> JournalSeal::unseal(std::string_view sealed, std::string_view bound) const {
  const auto damaged = [] { return fail(Errc::corrupt, "a sealed secret key cannot be opened"); };
  if (sealed.size() < kNonce + kTag) return damaged();
  std::string plain(sealed.size() - kNonce - kTag, '\0');
  const int failed = key_.reveal([&](std::string_view key) {
    return crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
                                                      bytes(sealed.substr(kNonce)), sealed.size() - kNonce, bytes(bound),
                                                      bound.size(), bytes(sealed), bytes(key));
  });
  if (failed != 0) return damaged();
  Secret out(plain);
  wipe(plain);
  return out;
}

std::string JournalSeal::mark(std::string_view bound) const {
  std::string out(kMark, '\0');
  mark_key_.reveal([&](std::string_view key) {
    crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(), bytes(bound), bound.size(), bytes(key),
                       key.size());
  });
  return out;
}

bool JournalSeal::marked(std::string_view bound, std::string_view mark) const {
  return mark.size() == kMark && sodium_memcmp(this->mark(bound).data(), mark.data(), kMark) == 0;
}

}  // namespace portalkey
