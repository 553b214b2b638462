#include "jobs/journal/seed_seal.h"

#include <fmt/format.h>
#include <sodium.h>

#include "base/files.h"
#include "vault/sealed_file.h"

namespace portalkey {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string place(const std::string& job, std::int64_t row) { return fmt::format("{} {}", job, row); }

}  // namespace

Result<SeedSeal> SeedSeal::open(const std::filesystem::path& file, const std::optional<PassphraseSource>& passphrase) {
  remove_interrupted_writes(file);
  const auto exists = file_exists(file);
  if (!exists) return std::unexpected(exists.error());
  const bool there = *exists;
  if (passphrase) {
    auto secret = (*passphrase)();
    if (!secret) return pass(secret);
    if (there) {
      auto unsealed = SealedFile::read_with_passphrase(file, *secret);
      if (!unsealed) return pass(unsealed);
      return SeedSeal(std::move(unsealed->contents));
    }
    Secret key = SealKey::random_bytes();
    if (auto written = SealedFile::write(file, key, SealKey::from_passphrase(*secret)); !written) return pass(written);
    return SeedSeal(std::move(key));
  }
  if (there) {
    auto key = read_file(file, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, FileUse::secret);
    if (!key) return pass(key);
    if (key->size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES) {
      return std::unexpected(Error{Errc::corrupt,
                                   "the journal's key file is damaged",
                                   "Move it away and import the seed file again.",
                                   {{"file", file.string()}}});
    }
    return SeedSeal(std::move(*key));
  }
  Secret key = SealKey::random_bytes();
  auto written = key.reveal([&](std::string_view text) { return write_file_atomically(file, text); });
  if (!written) return pass(written);
  return SeedSeal(std::move(key));
}

std::string SeedSeal::seal(const Secret& base32, const std::string& job, std::int64_t row) const {
  std::string out(kNonce + base32.size() + kTag, '\0');
  randombytes_buf(out.data(), kNonce);
  const std::string bound = place(job, row);
  auto* sealed = reinterpret_cast<unsigned char*>(out.data());
  key_.reveal([&](std::string_view key) {
    base32.reveal([&](std::string_view plain) {
      crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + kNonce, nullptr, bytes(plain), plain.size(), bytes(bound),
                                                 bound.size(), nullptr, sealed, bytes(key));
    });
  });
  return out;
}

Result<Secret> SeedSeal::unseal(std::string_view sealed, const std::string& job, std::int64_t row) const {
  const auto damaged = [] {
    return fail(Errc::corrupt, "a secret key in the journal cannot be opened: the journal or its key file is damaged",
                "Import the seed file again: what the tenant has already is left as it is.");
  };
  if (sealed.size() < kNonce + kTag) return damaged();
  std::string plain(sealed.size() - kNonce - kTag, '\0');
  const std::string bound = place(job, row);
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

}  // namespace portalkey
