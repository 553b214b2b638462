#pragma once
// A zip archive (PKWARE's APPNOTE.TXT; encryption by ZipCrypto or WinZip's AE-1 and AE-2), read where it lies with libzip.
// Nothing is unpacked to the disk, and an entry's name is only ever shown, never used as a path.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.h"
#include "seeds/input/byte_source.h"

struct zip;
struct zip_file;

namespace portalkey {

inline constexpr std::size_t kZipMostEntries = 1000;
inline constexpr std::uint64_t kZipMostDirectoryBytes = std::uint64_t{4} << 20;
inline constexpr std::uint64_t kZipMostUnpackedBytes = std::uint64_t{4} << 30;  ///< of all entries together
inline constexpr std::uint64_t kZipMostRatio = 1000;                            ///< unpacked to packed, of an entry above 1 MiB

struct ZipEntry {
  std::string name;  ///< fit to be shown: UTF-8 without control characters, and not long
  std::uint64_t index = 0;
  std::uint64_t size = 0, packed = 0;  ///< bytes, as the archive says
  bool encrypted = false;
  std::size_t aes_key_bytes = 0;  ///< of WinZip's AES; 0 if it is not that
  bool has_checksum = true;       ///< AE-2 has none, and is authenticated instead
};

/// What one entry unpacks to. Reading fails where the archive is damaged, at the latest at its end: until then nothing that it
/// gave is known to be right.
class ZipEntrySource final : public ByteSource {
 public:
  Result<std::size_t> read(std::span<char> room) override;

 private:
  friend class ZipArchive;
  struct Closed {
    void operator()(zip_file* file) const;
  };
  ZipEntrySource(zip* archive, zip_file* file, const ZipEntry& entry, Secret passphrase)
      : archive_(archive), file_(file), entry_(entry), passphrase_(std::move(passphrase)) {}
  Result<bool> is_authentic() const;

  zip* archive_;
  std::unique_ptr<zip_file, Closed> file_;
  ZipEntry entry_;
  Secret passphrase_;
  std::uint64_t given_ = 0;
  bool ended_ = false;
};

class ZipArchive {
 public:
  /// `bytes` are kept by reference. An Error for what is damaged or beyond the limits above.
  static Result<ZipArchive> open(const RandomAccess& bytes);

  /// Without folders and what macOS adds, in the archive's order.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  bool is_workbook() const { return is_workbook_; }

  /// The source must not outlive the archive. `passphrase` may be null. An Error if the entry is encrypted and it is null or
  /// does not fit.
  Result<ZipEntrySource> read(const ZipEntry& entry, const Secret* passphrase) const;

 private:
  struct Closed {
    void operator()(zip* archive) const;
  };
  explicit ZipArchive(zip* archive) : archive_(archive) {}

  std::unique_ptr<zip, Closed> archive_;
  std::vector<ZipEntry> entries_;
  bool is_workbook_ = false;
};

}  // namespace portalkey
