#include "vault/sealed_file.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <cstring>

#include "base/files.h"

namespace portalkey {
namespace {

constexpr std::string_view kMagic = "PKSEAL1\n";
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kCheckSize = 16;
constexpr std::size_t kHeaderSize = kMagic.size() + 1 + 8 + 8 + kSaltSize + kCheckSize + 8 + kNonceSize;
constexpr std::size_t kFileLimit = 16 << 20;
constexpr std::uint64_t kMostMemory = 1ULL << 30;  // a hostile header must not make us allocate without end
constexpr std::uint64_t kMostOperations = 16;
static_assert(kSaltSize == crypto_pwhash_SALTBYTES);

void start_sodium() {
  if (sodium_init() < 0) throw std::bad_alloc();
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string little_endian(std::uint64_t value) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

std::uint64_t from_little_endian(std::string_view text) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[i]);
  return value;
}

std::string key_check(const Secret& key) {
  std::string out(kCheckSize, '\0');
  constexpr std::string_view kText = "portalkey sealed file";
  key.reveal([&](std::string_view k) {
    crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(), bytes(kText), kText.size(), bytes(k),
                       k.size());
  });
  return out;
}

Secret derive(const Secret& passphrase, std::string_view salt, std::uint64_t operations, std::uint64_t memory) {
  std::array<char, kKeySize> key{};
  const int failed = passphrase.reveal([&](std::string_view text) {
    return crypto_pwhash(reinterpret_cast<unsigned char*>(key.data()), key.size(), text.data(), text.size(), bytes(salt),
                         operations, memory, crypto_pwhash_ALG_ARGON2ID13);
  });
  if (failed != 0) throw std::bad_alloc();
  Secret out(std::string_view(key.data(), key.size()));
  sodium_memzero(key.data(), key.size());
  return out;
}

struct Header {
  std::uint8_t kdf;
  std::uint64_t operations, memory_bytes;
  std::string salt, check, nonce;
};

std::unexpected<Error> damaged(const std::filesystem::path& path, std::string what) {
  return std::unexpected(Error{Errc::corrupt,
                               std::move(what),
                               "Restore the file from a backup; or move it away and run portalkey login again.",
                               {{"file", path.string()}}});
}

}  // namespace

SealKey SealKey::from_passphrase(const Secret& passphrase) {
  start_sodium();
  SealKey key;
  key.kdf_ = 1;
  key.operations_ = crypto_pwhash_OPSLIMIT_INTERACTIVE;
  key.memory_bytes_ = crypto_pwhash_MEMLIMIT_INTERACTIVE;
  randombytes_buf(key.salt_.data(), key.salt_.size());
  key.key_ = derive(passphrase, key.salt_, key.operations_, key.memory_bytes_);
  return key;
}

SealKey SealKey::from_bytes(Secret bytes_of_key) {
  SealKey key;
  key.key_ = std::move(bytes_of_key);
  return key;
}

Secret SealKey::random_bytes() {
  start_sodium();
  std::array<char, kKeySize> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  Secret out(std::string_view(bytes.data(), bytes.size()));
  sodium_memzero(bytes.data(), bytes.size());
  return out;
}

namespace {

Result<std::pair<Header, Secret>> read_parts(const std::filesystem::path& path) {
  start_sodium();
  auto file = read_file(path, kFileLimit, FileUse::secret);
  if (!file) return pass(file);
  return file->reveal([&](std::string_view all) -> Result<std::pair<Header, Secret>> {
    if (all.empty()) return damaged(path, "the sealed file is empty");
    if (!all.starts_with(kMagic.substr(0, std::min(all.size(), kMagic.size())))) {
      return damaged(path, "this is not a sealed file of portalkey");
    }
    if (all.size() < kHeaderSize) {
      return damaged(path,
                     fmt::format("the sealed file is cut off: {} bytes of its header are missing", kHeaderSize - all.size()));
    }
    std::string_view rest = all.substr(kMagic.size());
    const auto take = [&](std::size_t n) {
      const auto part = rest.substr(0, n);
      rest.remove_prefix(n);
      return part;
    };
    Header header;
    header.kdf = static_cast<std::uint8_t>(take(1)[0]);
    header.operations = from_little_endian(take(8));
    header.memory_bytes = from_little_endian(take(8));
    header.salt = take(kSaltSize);
    header.check = take(kCheckSize);
    const std::uint64_t length = from_little_endian(take(8));
    header.nonce = take(kNonceSize);
    if (header.kdf > 1 || header.operations > kMostOperations || header.memory_bytes > kMostMemory) {
      return damaged(path, "the sealed file's header is damaged, or the file was made by a newer version");
    }
    if (rest.size() < length) {
      return damaged(path, fmt::format("the sealed file is cut off: {} of {} bytes are missing", length - rest.size(), length));
    }
    if (rest.size() > length || length < kTagSize)
      return damaged(path, "the sealed file is damaged: its length is not what it says");
    return std::pair{std::move(header), Secret(all)};
  });
}

Result<Secret> unseal(const std::filesystem::path& path, const Header& header, const Secret& all, const Secret& key) {
  return all.reveal([&](std::string_view file) -> Result<Secret> {
    const auto sealed = file.substr(kHeaderSize);
    std::string plain(sealed.size() - kTagSize, '\0');
    const int failed = key.reveal([&](std::string_view k) {
      return crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
                                                        bytes(sealed), sealed.size(), bytes(file), kHeaderSize,
                                                        bytes(header.nonce), bytes(k));
    });
    if (failed != 0) return damaged(path, "the sealed file is damaged: its contents were altered");
    Secret out(plain);
    wipe(plain);
    return out;
  });
}

}  // namespace

Result<Unsealed> SealedFile::read_with_passphrase(const std::filesystem::path& path, const Secret& passphrase) {
  auto parts = read_parts(path);
  if (!parts) return pass(parts);
  const auto& [header, all] = *parts;
  if (header.kdf != 1) return damaged(path, "this sealed file was not made with a passphrase");
  if (header.operations < crypto_pwhash_OPSLIMIT_MIN || header.memory_bytes < crypto_pwhash_MEMLIMIT_MIN) {
    return damaged(path, "the sealed file's header is damaged");
  }
  Unsealed out;
  out.key.kdf_ = 1;
  out.key.operations_ = header.operations;
  out.key.memory_bytes_ = header.memory_bytes;
  out.key.salt_ = header.salt;
  out.key.key_ = derive(passphrase, header.salt, header.operations, header.memory_bytes);
  if (sodium_memcmp(key_check(out.key.key_).data(), header.check.data(), kCheckSize) != 0) {
    return std::unexpected(
        Error{Errc::unauthenticated,
              "the passphrase does not open the vault file",
              "Check the passphrase (and that the right profile is used). If the passphrase is lost, move the "
              "file away and run portalkey login again.",
              {{"file", path.string()}}});
  }
  auto contents = unseal(path, header, all, out.key.key_);
  if (!contents) return pass(contents);
  out.contents = std::move(*contents);
  return out;
}

Result<Secret> SealedFile::read_with_key(const std::filesystem::path& path, const SealKey& key) {
  auto parts = read_parts(path);
  if (!parts) return pass(parts);
  const auto& [header, all] = *parts;
  if (sodium_memcmp(key_check(key.key_).data(), header.check.data(), kCheckSize) != 0) {
    return std::unexpected(
        Error{Errc::unauthenticated, "the sealed file was sealed with another key", "", {{"file", path.string()}}});
  }
  return unseal(path, header, all, key.key_);
}

Result<void> SealedFile::write(const std::filesystem::path& path, const Secret& contents, const SealKey& key) {
  start_sodium();
  std::string nonce(kNonceSize, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  std::string file(kMagic);
  file += static_cast<char>(key.kdf_);
  file += little_endian(key.operations_);
  file += little_endian(key.memory_bytes_);
  file += key.salt_;
  file += key_check(key.key_);
  file += little_endian(contents.size() + kTagSize);
  file += nonce;
  contents.reveal([&](std::string_view plain) {
    std::string sealed(plain.size() + kTagSize, '\0');
    key.key_.reveal([&](std::string_view k) {
      crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr, bytes(plain),
                                                 plain.size(), bytes(file), file.size(), nullptr, bytes(nonce), bytes(k));
    });
    file += sealed;
  });
  return write_file_atomically(path, file);
}

}  // namespace portalkey
