#pragma once
// Where a seed file's bytes come from: a file, standard input, or memory (tests, fuzzing).

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/error.h"

namespace portalkey {

/// Bytes that can be read anywhere.
class RandomAccess {
 public:
  virtual ~RandomAccess() = default;
  virtual std::uint64_t size() const = 0;
  /// As ByteSource::read, from `offset` on.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> room) const = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the beginning of `room` (not empty) and returns how much; 0 at the end. May be less than there is to come.
  virtual Result<std::size_t> read(std::span<char> room) = 0;
  /// The same bytes for reading anywhere; null if they come one after the other, as from a pipe.
  virtual const RandomAccess* random_access() const { return nullptr; }
};

class FileSource final : public ByteSource, private RandomAccess {
 public:
  /// `-` is standard input, which is not closed.
  static Result<FileSource> open(const std::filesystem::path& path);
  FileSource(FileSource&& o) noexcept;
  FileSource& operator=(FileSource&&) = delete;
  ~FileSource() override;
  Result<std::size_t> read(std::span<char> room) override;
  const RandomAccess* random_access() const override { return regular_ ? this : nullptr; }

 private:
  FileSource(int fd, bool owned) : fd_(fd), owned_(owned) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> room) const override;

  int fd_;
  bool owned_;
  bool regular_ = false;
  std::uint64_t size_ = 0;
};

class MemorySource final : public ByteSource, private RandomAccess {
 public:
  /// Hands out at most `at_once` bytes per read and nothing out of turn, as a pipe may.
  explicit MemorySource(std::string_view bytes, std::size_t at_once = std::string_view::npos)
      : bytes_(bytes), left_(bytes), at_once_(at_once) {}
  Result<std::size_t> read(std::span<char> room) override;
  const RandomAccess* random_access() const override { return at_once_ == std::string_view::npos ? this : nullptr; }

 private:
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> room) const override;

  std::string_view bytes_, left_;
  std::size_t at_once_;
};

}  // namespace portalkey
