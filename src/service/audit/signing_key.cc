#include "service/audit/signing_key.h"

#include <sodium.h>

#include <array>
#include <new>
#include <optional>

#include "base/base64.h"
#include "base/files.h"
#include "base/new_file.h"

namespace portalkey {
namespace {

constexpr std::string_view kSigns = "portalkey: signs the audit trail\n";

const unsigned char* unsigned_bytes(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Result<Secret> read_seed(const std::filesystem::path& file) {
  auto text = read_file(file, kSigns.size() + crypto_sign_SEEDBYTES, FileUse::secret);
  if (!text) return pass(text);
  auto seed = text->reveal([](std::string_view bytes) {
    const bool fits = bytes.starts_with(kSigns) && bytes.size() == kSigns.size() + crypto_sign_SEEDBYTES;
    return fits ? std::optional(Secret(bytes.substr(kSigns.size()))) : std::nullopt;
  });
  if (seed) return std::move(*seed);
  return std::unexpected(Error{Errc::corrupt,
                               "the key that signs the audit trail is damaged",
                               "Restore it from a backup. Without one, move it away: then a new key signs, and those who "
                               "verify the trail must be given both public keys.",
                               {{"file", file.string()}}});
}

Result<void> make_seed(const std::filesystem::path& file) {
  auto place = find_place(file);
  if (!place) return pass(place);
  auto made = NewFile::create(std::move(*place), NewFile::Existing::kept);
  if (!made) return pass(made);
  std::array<char, crypto_sign_SEEDBYTES> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  const Secret seed(std::string_view(bytes.data(), bytes.size()));
  sodium_memzero(bytes.data(), bytes.size());
  if (auto written = made->write(kSigns); !written) return written;
  if (auto written = seed.reveal([&](std::string_view text) { return made->write(text); }); !written) return written;
  return made->put_in_place();
}

}  // namespace

SigningKey::SigningKey(const Secret& seed) {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  seed.reveal([&](std::string_view bytes) { crypto_sign_seed_keypair(open.data(), secret.data(), unsigned_bytes(bytes)); });
  key_ = Secret(std::string_view(reinterpret_cast<const char*>(secret.data()), secret.size()));
  sodium_memzero(secret.data(), secret.size());
  public_key_ = base64url(std::string_view(reinterpret_cast<const char*>(open.data()), open.size()));
}

Result<SigningKey> SigningKey::open(const std::filesystem::path& folder, Missing missing) {
  if (sodium_init() < 0) throw std::bad_alloc();
  const auto file = folder / kSigningKeyFile;
  auto seed = read_seed(file);
  if (!seed && seed.error().code == Errc::not_found && missing == Missing::made) {
    // Another process may make one at this moment: then its key is the trail's.
    if (auto made = make_seed(file); !made && made.error().code != Errc::conflict) return pass(made);
    seed = read_seed(file);
  }
  if (!seed) return pass(seed);
  return SigningKey(*seed);
}

std::string SigningKey::sign(std::string_view bytes) const {
  std::array<char, crypto_sign_BYTES> signature{};
  key_.reveal([&](std::string_view key) {
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, unsigned_bytes(bytes), bytes.size(),
                         unsigned_bytes(key));
  });
  return base64url(std::string_view(signature.data(), signature.size()));
}

bool signature_fits(std::string_view public_key, std::string_view bytes, std::string_view signature) {
  const auto key = decode_base64url(public_key);
  const auto sign = decode_base64url(signature);
  return key && sign && key->size() == crypto_sign_PUBLICKEYBYTES && sign->size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(unsigned_bytes(*sign), unsigned_bytes(bytes), bytes.size(), unsigned_bytes(*key)) == 0;
}

}  // namespace portalkey
