#include "service/backup/sealed_stream.h"

#include <algorithm>
#include <array>
#include <new>

#include "base/trusted_path.h"
#include "vault/derived_keys.h"

namespace portalkey {
namespace {

constexpr std::string_view kMagic = "PKBACK1\n";
constexpr std::size_t kPiece = 1 << 16, kSalt = 16;
constexpr std::size_t kMore = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kStreamHead = crypto_secretstream_xchacha20poly1305_HEADERBYTES;

template <class Number>
std::string little_endian(Number value) {
  std::string out;
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return out;
}
template <class Number>
Number from_little_endian(std::string_view bytes) {
  Number out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) out |= static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return out;
}
unsigned char* in(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

Result<SealedStreamWriter> SealedStreamWriter::create(const std::filesystem::path& file, const Secret& passphrase) {
  if (sodium_init() < 0) throw std::bad_alloc();
  auto place = find_place(file);
  if (!place) return pass(place);
  auto made = NewFile::create(std::move(*place), NewFile::Existing::kept);
  if (!made) return pass(made);
  auto key = new_derived_key(passphrase);
  if (!key) return pass(key);
  SealedStreamWriter out(std::move(*made));
  std::string stream(kStreamHead, '\0');
  key->key.reveal([&](std::string_view bytes) {
    crypto_secretstream_xchacha20poly1305_init_push(out.state_.get(), in(stream), in(bytes));
  });
  out.head_ =
      std::string(kMagic) + little_endian(key->cost.operations) + little_endian(key->cost.memory_bytes) + key->salt + stream;
  if (auto written = out.file_.write(out.head_); !written) return pass(written);
  return out;
}

Result<void> SealedStreamWriter::seal(std::string_view piece, unsigned char tag) {
  std::string sealed(piece.size() + kMore, '\0');
  crypto_secretstream_xchacha20poly1305_push(state_.get(), in(sealed), nullptr, in(piece), piece.size(),
                                             in(std::string_view(head_)), head_.size(), tag);
  head_.clear();
  if (auto written = file_.write(little_endian(static_cast<std::uint32_t>(sealed.size()))); !written) return written;
  return file_.write(sealed);
}

Result<void> SealedStreamWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto taken = std::min(bytes.size(), kPiece - held_.size());
    held_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (held_.size() < kPiece) break;
    auto sealed = seal(held_, 0);
    wipe(held_);
    if (!sealed) return sealed;
  }
  return {};
}

Result<void> SealedStreamWriter::finish() {
  auto sealed = seal(held_, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
  wipe(held_);
  return sealed ? file_.put_in_place() : sealed;
}

Error SealedStreamReader::damaged() const {
  return {Errc::corrupt, "the backup is damaged or cut short", "Use another copy of it.", {{"file", path_.string()}}};
}

Result<SealedStreamReader> SealedStreamReader::open(const std::filesystem::path& file, const Secret& passphrase) {
  if (sodium_init() < 0) throw std::bad_alloc();
  if (auto readable = open_to_read(file, FileUse::input); !readable) return pass(readable);
  SealedStreamReader out;
  out.path_ = file;
  out.in_.open(file, std::ios::binary);
  std::string head(kMagic.size() + 16 + kSalt + kStreamHead, '\0');
  out.in_.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (!out.in_ || !head.starts_with(kMagic)) {
    return std::unexpected(
        Error{Errc::corrupt, "the file is no backup of portalkey", "Check which file was given.", {{"file", file.string()}}});
  }
  const std::string_view rest = std::string_view(head).substr(kMagic.size());
  const KeyCost cost{from_little_endian<std::uint64_t>(rest), from_little_endian<std::uint64_t>(rest.substr(8))};
  auto key = derive_key(passphrase, rest.substr(16, kSalt), cost);
  if (!key) return pass(key);
  const auto good = key->key.reveal([&](std::string_view bytes) {
    return crypto_secretstream_xchacha20poly1305_init_pull(out.state_.get(), in(rest.substr(16 + kSalt)), in(bytes)) == 0;
  });
  if (!good) return std::unexpected(out.damaged());
  out.head_ = head;
  if (auto first = out.next_piece(); !first) {
    return std::unexpected(Error{Errc::unauthenticated,
                                 "the passphrase does not open the backup, or its beginning is damaged",
                                 "Check the passphrase, and which file was given.",
                                 {{"file", file.string()}}});
  }
  return out;
}

Result<void> SealedStreamReader::next_piece() {
  if (last_) return std::unexpected(damaged());
  std::string size(4, '\0');
  in_.read(size.data(), 4);
  const auto bytes = in_ ? from_little_endian<std::uint32_t>(size) : 0U;
  if (bytes < kMore || bytes > kPiece + kMore) return std::unexpected(damaged());
  std::string sealed(bytes, '\0');
  in_.read(sealed.data(), static_cast<std::streamsize>(sealed.size()));
  if (!in_) return std::unexpected(damaged());
  unsigned char tag = 0;
  wipe(held_);
  held_.resize(bytes - kMore);
  at_ = 0;
  const std::string_view with = first_ ? std::string_view(head_) : std::string_view();
  if (crypto_secretstream_xchacha20poly1305_pull(state_.get(), in(held_), nullptr, &tag, in(std::string_view(sealed)),
                                                 sealed.size(), in(with), with.size()) != 0)
    return std::unexpected(damaged());
  first_ = false;
  last_ = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  if (last_ && in_.peek() != std::ifstream::traits_type::eof()) return std::unexpected(damaged());
  return {};
}

Result<std::string> SealedStreamReader::read(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) {
    if (at_ == held_.size()) {
      if (auto more = next_piece(); !more) return pass(more);
      continue;
    }
    const auto taken = std::min(bytes - out.size(), held_.size() - at_);
    out.append(held_, at_, taken);
    at_ += taken;
  }
  return out;
}

Result<bool> SealedStreamReader::at_end() {
  while (at_ == held_.size() && !last_) {
    if (auto more = next_piece(); !more) return pass(more);
  }
  return at_ == held_.size();
}

}  // namespace portalkey
