#pragma once
// Where a seed file's bytes come from: a file, standard input, or memory (tests, fuzzing).

#include <filesystem>
#include <span>
#include <string_view>

#include "base/error.h"

namespace portalkey {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the beginning of `room` (not empty) and returns how much; 0 at the end. May be less than there is to come.
  virtual Result<std::size_t> read(std::span<char> room) = 0;
};

class FileSource final : public ByteSource {
 public:
  /// `-` is standard input, which is not closed.
  static Result<FileSource> open(const std::filesystem::path& path);
  FileSource(FileSource&& o) noexcept;
  FileSource& operator=(FileSource&&) = delete;
  ~FileSource() override;
  Result<std::size_t> read(std::span<char> room) override;

 private:
  FileSource(int fd, bool owned) : fd_(fd), owned_(owned) {}
  int fd_;
  bool owned_;
};

class MemorySource final : public ByteSource {
 public:
  /// Hands out at most `at_once` bytes per read, as a pipe may.
  explicit MemorySource(std::string_view bytes, std::size_t at_once = std::string_view::npos)
      : left_(bytes), at_once_(at_once) {}
  Result<std::size_t> read(std::span<char> room) override;

 private:
  std::string_view left_;
  std::size_t at_once_;
};

}  // namespace portalkey
