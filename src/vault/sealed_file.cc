#include "vault/sealed_file.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <tuple>

#include "base/files.h"

namespace portalkey {
namespace {

constexpr std::string_view kMagic = "PKSEAL2\n";
constexpr std::string_view kMagicBefore = "PKSEAL1\n";
static_assert(kMagic.size() == kMagicBefore.size());
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kCheckSize = 16;
constexpr std::size_t kIdSize = std::tuple_size_v<decltype(Writing::id)>;
constexpr std::size_t kHeaderSizeBefore = kMagic.size() + 1 + 8 + 8 + kSaltSize + kCheckSize + 8 + kNonceSize;
constexpr std::size_t kHeaderSize = kHeaderSizeBefore + 1 + kIdSize + 8;
constexpr std::size_t kFileLimit = 16 << 20;
constexpr std::uint8_t kArgon2id = 1;  // 0: the key is given
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

struct Header {
  std::size_t size = kHeaderSize;
  std::uint8_t kind = 0, kdf = 0;
  KeyCost cost;
  std::string salt, check, nonce;
  Writing writing;
};

std::unexpected<Error> damaged(const std::filesystem::path& path, const SealedKind& kind, std::string_view how) {
  return std::unexpected(
      Error{Errc::corrupt, fmt::format("{} is damaged: {}", kind.name, how), kind.damaged, {{"file", path.string()}}});
}

}  // namespace

SealKey::SealKey(DerivedKey derived)
    : kdf_(kArgon2id), cost_(derived.cost), salt_(std::move(derived.salt)), key_(std::move(derived.key)) {}

Result<SealKey> SealKey::from_passphrase(const Secret& passphrase) {
  auto derived = new_derived_key(passphrase);
  if (!derived) return pass(derived);
  return SealKey(std::move(*derived));
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

struct Parts {
  Header header;
  Secret all;  ///< the whole file
};

Result<Parts> read_parts(const std::filesystem::path& path, const SealedKind& kind) {
  start_sodium();
  auto file = read_file(path, kFileLimit, FileUse::secret);
  if (!file) return pass(file);
  return file->reveal([&](std::string_view all) -> Result<Parts> {
    const auto begins_like = [&](std::string_view magic) {
      return all.starts_with(magic.substr(0, std::min(all.size(), magic.size())));
    };
    if (all.empty()) return damaged(path, kind, "it is empty");
    if (!begins_like(kMagic) && !begins_like(kMagicBefore))
      return damaged(path, kind, "it does not begin as a sealed file of portalkey does");
    Header header;
    const bool before = all.size() >= kMagicBefore.size() && begins_like(kMagicBefore);
    if (before) header.size = kHeaderSizeBefore;
    if (all.size() < header.size) {
      return damaged(path, kind, fmt::format("it is cut off: {} bytes of its header are missing", header.size - all.size()));
    }
    std::string_view rest = all.substr(kMagic.size());
    const auto take = [&](std::size_t n) {
      const auto part = rest.substr(0, n);
      rest.remove_prefix(n);
      return part;
    };
    if (!before) header.kind = static_cast<std::uint8_t>(take(1)[0]);
    header.kdf = static_cast<std::uint8_t>(take(1)[0]);
    header.cost.operations = from_little_endian(take(8));
    header.cost.memory_bytes = from_little_endian(take(8));
    header.salt = take(kSaltSize);
    header.check = take(kCheckSize);
    if (!before) {
      std::ranges::copy(take(kIdSize), header.writing.id.begin());
      header.writing.number = from_little_endian(take(8));
    }
    const std::uint64_t length = from_little_endian(take(8));
    header.nonce = take(kNonceSize);
    if (header.kdf > kArgon2id || (header.kdf == kArgon2id && !header.cost.bearable()))
      return damaged(path, kind, "its header says what no version of portalkey writes");
    if (header.kind != kind.number && header.kind != 0)
      return damaged(path, kind, "it is a sealed file of portalkey, but of another kind");
    if (rest.size() < length) {
      return damaged(path, kind, fmt::format("it is cut off: {} of {} bytes are missing", length - rest.size(), length));
    }
    if (rest.size() > length || length < kTagSize) return damaged(path, kind, "its length is not what it says");
    return Parts{std::move(header), Secret(all)};
  });
}

bool fits(const Header& header, const Secret& key) {
  return sodium_memcmp(key_check(key).data(), header.check.data(), kCheckSize) == 0;
}

Result<Secret> unseal(const std::filesystem::path& path, const SealedKind& kind, const Parts& parts, const Secret& key) {
  return parts.all.reveal([&](std::string_view file) -> Result<Secret> {
    const auto sealed = file.substr(parts.header.size);
    std::string plain(sealed.size() - kTagSize, '\0');
    const int failed = key.reveal([&](std::string_view k) {
      return crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
                                                        bytes(sealed), sealed.size(), bytes(file), parts.header.size,
                                                        bytes(parts.header.nonce), bytes(k));
    });
    if (failed != 0) return damaged(path, kind, "its contents were altered");
    Secret out(plain);
    wipe(plain);
    return out;
  });
}

}  // namespace

Writing Writing::next() const {
  Writing next = *this;
  if (next.id == decltype(next.id){}) {
    start_sodium();
    randombytes_buf(next.id.data(), next.id.size());
  }
  ++next.number;
  return next;
}

Result<Unsealed> SealedFile::read_with_passphrase(const std::filesystem::path& path, const SealedKind& kind,
                                                  const Secret& passphrase) {
  auto parts = read_parts(path, kind);
  if (!parts) return pass(parts);
  const auto& header = parts->header;
  if (header.kdf != kArgon2id) return damaged(path, kind, "it was not sealed with a passphrase");
  auto derived = derive_key(passphrase, header.salt, header.cost);
  if (!derived) return std::unexpected(std::move(derived).error().with("file", path.string()));
  if (!fits(header, derived->key)) {
    return std::unexpected(Error{Errc::unauthenticated,
                                 fmt::format("the passphrase does not open {}", kind.name),
                                 kind.locked,
                                 {{"file", path.string()}}});
  }
  auto contents = unseal(path, kind, *parts, derived->key);
  if (!contents) return pass(contents);
  return Unsealed{std::move(*contents), SealKey(std::move(*derived)), header.writing};
}

Result<Unsealed> SealedFile::read_with_key(const std::filesystem::path& path, const SealedKind& kind, const Secret& key) {
  auto parts = read_parts(path, kind);
  if (!parts) return pass(parts);
  if (!fits(parts->header, key)) {
    return std::unexpected(Error{Errc::unauthenticated,
                                 fmt::format("{} was sealed with another key", kind.name),
                                 kind.damaged,
                                 {{"file", path.string()}}});
  }
  auto contents = unseal(path, kind, *parts, key);
  if (!contents) return pass(contents);
  return Unsealed{std::move(*contents), SealKey::from_bytes(key.clone()), parts->header.writing};
}

Result<Writing> SealedFile::write(const std::filesystem::path& path, const SealedKind& kind, const Secret& contents,
                                  const SealKey& key, const Writing& after) {
  start_sodium();
  const Writing writing = after.next();
  std::string nonce(kNonceSize, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  std::string file(kMagic);
  file += static_cast<char>(kind.number);
  file += static_cast<char>(key.kdf_);
  file += little_endian(key.cost_.operations);
  file += little_endian(key.cost_.memory_bytes);
  file += key.salt_;
  file += key_check(key.key_);
  file.append(writing.id.begin(), writing.id.end());
  file += little_endian(writing.number);
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
  if (auto written = write_file_atomically(path, file); !written) return pass(written);
  return writing;
}

}  // namespace portalkey
