#include "seeds/input/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace portalkey {

Result<FileSource> FileSource::open(const std::filesystem::path& path) {
  if (path == "-") return FileSource(STDIN_FILENO, false);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const int number = errno;
    if (number == ENOENT) return fail(Errc::not_found, "there is no such file", "Check the path.");
    if (number == EACCES || number == EPERM) {
      return fail(Errc::forbidden, "you may not read this file", "Run as a user who may, or change its owner or mode.");
    }
    return fail(Errc::unavailable, std::string("cannot open the file: ") + std::strerror(number));
  }
  FileSource source(fd, true);
  struct stat about{};
  if (::fstat(fd, &about) == 0) {
    if (S_ISDIR(about.st_mode)) {
      return fail(Errc::invalid_input, "this is a folder", "Give the seed file itself, or `-` for standard input.");
    }
    source.regular_ = S_ISREG(about.st_mode);
    source.size_ = static_cast<std::uint64_t>(about.st_size);
  }
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return source;
}

FileSource::FileSource(FileSource&& o) noexcept
    : fd_(std::exchange(o.fd_, -1)), owned_(std::exchange(o.owned_, false)), regular_(o.regular_), size_(o.size_) {}

FileSource::~FileSource() {
  if (owned_) ::close(fd_);
}

namespace {

template <class Read>
Result<std::size_t> until_not_interrupted(const Read& read) {
  for (;;) {
    const ssize_t n = read();
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) return fail(Errc::unavailable, std::string("cannot read the file: ") + std::strerror(errno));
  }
}

}  // namespace

Result<std::size_t> FileSource::read(std::span<char> room) {
  return until_not_interrupted([&] { return ::read(fd_, room.data(), room.size()); });
}

Result<std::size_t> FileSource::read_at(std::uint64_t offset, std::span<char> room) const {
  return until_not_interrupted([&] { return ::pread(fd_, room.data(), room.size(), static_cast<off_t>(offset)); });
}

Result<std::size_t> MemorySource::read(std::span<char> room) {
  const std::size_t n = std::min({room.size(), left_.size(), at_once_});
  std::memcpy(room.data(), left_.data(), n);
  left_.remove_prefix(n);
  return n;
}

Result<std::size_t> MemorySource::read_at(std::uint64_t offset, std::span<char> room) const {
  const auto from = bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size()));
  const std::size_t n = std::min(room.size(), from.size());
  std::memcpy(room.data(), from.data(), n);
  return n;
}

}  // namespace portalkey
