#include "seeds/formats/zip/zip_archive.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "seeds/formats/zip/zip_aes.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::string_view kDamaged = "Check that the download was complete, or ask the vendor to send it again.";
constexpr std::string_view kUnpack = "Unpack the archive yourself and give the seed file inside.";

/// What libzip's callback works on; libzip owns it.
struct Served {
  const RandomAccess& bytes;
  std::uint64_t at = 0;
  std::uint64_t most;  ///< bytes that may still be read
  zip_error_t error{};
};

zip_int64_t read(Served& served, std::span<char> room) {
  std::size_t done = 0;
  while (done < room.size()) {
    const auto n = served.bytes.read_at(served.at, room.subspan(done));
    if (!n || *n > served.most) {
      zip_error_set(&served.error, n ? ZIP_ER_MEMORY : ZIP_ER_READ, 0);
      return -1;
    }
    if (*n == 0) break;
    done += *n;
    served.at += *n;
    served.most -= *n;
  }
  return static_cast<zip_int64_t>(done);
}

zip_int64_t serve(void* user, void* data, zip_uint64_t size, zip_source_cmd_t command) {
  auto& served = *static_cast<Served*>(user);
  switch (command) {
    case ZIP_SOURCE_OPEN: served.at = 0; return 0;
    case ZIP_SOURCE_READ: return read(served, {static_cast<char*>(data), size});
    case ZIP_SOURCE_CLOSE: return 0;
    case ZIP_SOURCE_STAT: {
      auto& about = *static_cast<zip_stat_t*>(data);
      zip_stat_init(&about);
      about.size = served.bytes.size();
      about.valid |= ZIP_STAT_SIZE;
      return sizeof about;
    }
    case ZIP_SOURCE_SEEK: {
      const auto to = zip_source_seek_compute_offset(served.at, served.bytes.size(), data, size, &served.error);
      if (to < 0) return -1;
      served.at = static_cast<std::uint64_t>(to);
      return 0;
    }
    case ZIP_SOURCE_TELL: return static_cast<zip_int64_t>(served.at);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&served.error, data, size);
    case ZIP_SOURCE_FREE: delete &served; return 0;
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                            ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default: zip_error_set(&served.error, ZIP_ER_OPNOTSUPP, 0); return -1;
  }
}

std::uint64_t number(std::string_view little_endian) {
  std::uint64_t value = 0;
  for (auto c = little_endian.rbegin(); c != little_endian.rend(); ++c) value = value << 8 | static_cast<unsigned char>(*c);
  return value;
}

/// Whether a zip64 end record (APPNOTE §4.3.14) claims more entries than are read: libzip makes room for as many as it says
/// before it looks for them. The record's place is in its locator (§4.3.15), which lies before the archive's end record.
Result<bool> claims_too_many(const RandomAccess& bytes) {
  constexpr std::size_t kLocator = 20, kRecord = 56, kEnd = 22 + 0xFFFF;
  std::string tail(std::min<std::uint64_t>(bytes.size(), kLocator + kEnd), '\0');
  for (std::size_t done = 0; done < tail.size();) {
    const auto n = bytes.read_at(bytes.size() - tail.size() + done, std::span(tail).subspan(done));
    if (!n) return std::unexpected(n.error());
    if (*n == 0) break;
    done += *n;
  }
  for (auto at = tail.find("PK\x06\x07"); at != std::string::npos && at + kLocator <= tail.size();
       at = tail.find("PK\x06\x07", at + 1)) {
    std::array<char, kRecord> record{};
    const auto n = bytes.read_at(number(std::string_view(tail).substr(at + 8, 8)), record);
    if (!n) return std::unexpected(n.error());
    const std::string_view text(record.data(), *n);
    if (text.size() == kRecord && text.starts_with("PK\x06\x06") && number(text.substr(32, 8)) > kZipMostEntries) return true;
  }
  return false;
}

std::size_t aes_key_bytes(std::uint16_t encryption) {
  return encryption == ZIP_EM_AES_128 ? 16 : encryption == ZIP_EM_AES_192 ? 24 : encryption == ZIP_EM_AES_256 ? 32 : 0;
}

std::string shown(std::string_view name) {
  constexpr std::size_t kMost = 100;
  std::string out(name.substr(0, kMost));
  for (auto bad = first_invalid_utf8(out); bad != std::string::npos; bad = first_invalid_utf8(out)) out[bad] = '?';
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  for (auto c1 = out.find('\xC2'); c1 != std::string::npos; c1 = out.find('\xC2', c1 + 1)) {  // U+0080 to U+009F control too
    if (c1 + 1 < out.size() && static_cast<unsigned char>(out[c1 + 1]) < 0xA0) out.replace(c1, 2, "?");
  }
  return name.size() > kMost ? out + "…" : out;
}

Error damaged() { return {Errc::invalid_input, "the zip archive is damaged or cut short", std::string(kDamaged), {}}; }

Error too_large(std::string what) {
  return {Errc::invalid_input, std::move(what), "No vendor sends such an archive. Unpack it yourself if you trust it.", {}};
}

/// Why an entry cannot be read, by libzip's code.
Error entry_error(const ZipEntry& entry, int code) {
  const auto about = [&](std::string what, std::string_view remedy) {
    return Error{Errc::invalid_input, std::move(what), std::string(remedy), {{"entry", entry.name}}};
  };
  switch (code) {
    case ZIP_ER_NOPASSWD:
      return about(
          "the zip archive is encrypted, and no passphrase was given",
          "Put the vendor's passphrase into a file that only you can read, and name it with [[setting|passphrase-file]].");
    case ZIP_ER_WRONGPASSWD:
      return about("the passphrase does not fit this zip archive",
                   "Check [[setting|passphrase-file]]; vendors often send one per order.");
    case ZIP_ER_COMPNOTSUPP: return about("an entry of the zip archive is compressed in a way that is not read", kUnpack);
    case ZIP_ER_ENCRNOTSUPP: return about("an entry of the zip archive is encrypted in a way that is not read", kUnpack);
    default: break;
  }
  if (entry.encrypted) {  // ZipCrypto lets one wrong passphrase in 256 pass its check
    return about("the passphrase does not fit this zip archive, or the archive is damaged",
                 "Check [[setting|passphrase-file]], and that the download was complete.");
  }
  return about("an entry of the zip archive is damaged", kDamaged);
}

}  // namespace

void ZipArchive::Closed::operator()(zip* archive) const { zip_discard(archive); }
void ZipEntrySource::Closed::operator()(zip_file* file) const { zip_fclose(file); }

Result<ZipArchive> ZipArchive::open(const RandomAccess& bytes) {
  const auto too_many = claims_too_many(bytes);
  if (!too_many) return std::unexpected(too_many.error());
  if (*too_many) return std::unexpected(too_large("the zip archive has more entries than any delivery of seeds"));

  auto* served = new Served{.bytes = bytes, .most = kZipMostDirectoryBytes};
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_function_create(serve, served, &error);
  if (source == nullptr) {
    delete served;
    return fail(Errc::internal, "libzip cannot be used");
  }
  zip* opened = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (opened == nullptr) {
    const bool long_directory =
        zip_error_code_zip(&error) == ZIP_ER_MEMORY || zip_error_code_zip(&served->error) == ZIP_ER_MEMORY;
    zip_source_free(source);
    return std::unexpected(long_directory ? too_large("the zip archive's directory is larger than any delivery of seeds has")
                                          : damaged());
  }
  served->most = ~std::uint64_t{0};
  ZipArchive archive(opened);
  const auto count = zip_get_num_entries(opened, 0);
  if (count < 0 || static_cast<std::size_t>(count) > kZipMostEntries) {
    return std::unexpected(too_large(fmt::format("the zip archive has {} entries", count)));
  }
  std::uint64_t unpacked = 0;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t about;
    if (zip_stat_index(opened, i, 0, &about) != 0) return std::unexpected(damaged());
    const std::string_view name = (about.valid & ZIP_STAT_NAME) != 0 && about.name != nullptr ? about.name : "";
    if (name == "[Content_Types].xml") archive.is_workbook_ = true;
    if (about.size > kZipMostUnpackedBytes || (unpacked += about.size) > kZipMostUnpackedBytes) {
      return std::unexpected(too_large("the zip archive unpacks to more than 4 GiB"));
    }
    if (name.ends_with('/') || name.starts_with("__MACOSX/")) continue;
    archive.entries_.push_back({shown(name), i, about.size, about.comp_size, about.encryption_method != ZIP_EM_NONE,
                                aes_key_bytes(about.encryption_method), (about.valid & ZIP_STAT_CRC) == 0 || about.crc != 0});
  }
  return archive;
}

Result<ZipEntrySource> ZipArchive::read(const ZipEntry& entry, const Secret* passphrase) const {
  if (entry.size > (1U << 20) && entry.size / kZipMostRatio > entry.packed) {
    return std::unexpected(
        too_large(fmt::format("an entry of the zip archive unpacks to more than {} times its size", kZipMostRatio))
            .with("entry", entry.name));
  }
  zip_file* file = nullptr;
  if (passphrase == nullptr || passphrase->empty()) {
    file = zip_fopen_index(archive_.get(), entry.index, 0);
  } else {
    std::string text = passphrase->reveal([](std::string_view bytes) { return std::string(bytes); });
    if (text.find('\0') != std::string::npos) {  // libzip would take what is before it
      wipe(text);
      return fail(Errc::invalid_input, "the passphrase holds a NUL character, which no zip archive's can",
                  "Write the passphrase as the vendor gave it, as text.");
    }
    file = zip_fopen_index_encrypted(archive_.get(), entry.index, 0, text.c_str());
    wipe(text);
  }
  if (file == nullptr) return std::unexpected(entry_error(entry, zip_error_code_zip(zip_get_error(archive_.get()))));
  return ZipEntrySource(archive_.get(), file, entry, passphrase == nullptr ? Secret() : passphrase->clone());
}

/// libzip 1.7.3 compares the checksum that AE-2 does not have, and does not look at the authentication code of what is
/// compressed.
Result<bool> ZipEntrySource::is_authentic() const {
  const std::unique_ptr<zip_file, Closed> raw(zip_fopen_index(archive_, entry_.index, ZIP_FL_ENCRYPTED | ZIP_FL_COMPRESSED));
  if (raw == nullptr) return std::unexpected(entry_error(entry_, zip_error_code_zip(zip_get_error(archive_))));
  const auto read = [&](std::span<char> room) -> Result<std::size_t> {
    const auto n = zip_fread(raw.get(), room.data(), room.size());
    if (n < 0) return std::unexpected(entry_error(entry_, zip_error_code_zip(zip_file_get_error(raw.get()))));
    return static_cast<std::size_t>(n);
  };
  return zip_aes_is_authentic(read, entry_.packed, entry_.aes_key_bytes, passphrase_);
}

Result<std::size_t> ZipEntrySource::read(std::span<char> room) {
  if (ended_) return 0U;
  const auto n = zip_fread(file_.get(), room.data(), room.size());
  if (n < 0) {
    const int code = zip_error_code_zip(zip_file_get_error(file_.get()));
    const bool no_checksum = code == ZIP_ER_CRC && entry_.aes_key_bytes != 0 && !entry_.has_checksum;
    if (no_checksum && given_ == entry_.size) {
      const auto authentic = is_authentic();
      if (!authentic) return std::unexpected(authentic.error());
      ended_ = *authentic;
    }
    if (!ended_) return std::unexpected(entry_error(entry_, code));
    return 0U;
  }
  given_ += static_cast<std::uint64_t>(n);
  ended_ = n == 0;
  if (given_ > entry_.size || (ended_ && given_ < entry_.size)) return std::unexpected(entry_error(entry_, ZIP_ER_INCONS));
  return static_cast<std::size_t>(n);
}

}  // namespace portalkey
