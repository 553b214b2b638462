#include "oath/byte_source.h"

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
  if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
    return fail(Errc::invalid_input, "this is a folder", "Give the seed file itself, or `-` for standard input.");
  }
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return source;
}

FileSource::FileSource(FileSource&& o) noexcept : fd_(std::exchange(o.fd_, -1)), owned_(std::exchange(o.owned_, false)) {}

FileSource::~FileSource() {
  if (owned_) ::close(fd_);
}

Result<std::size_t> FileSource::read(std::span<char> room) {
  for (;;) {
    const ssize_t n = ::read(fd_, room.data(), room.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) return fail(Errc::unavailable, std::string("cannot read the file: ") + std::strerror(errno));
  }
}

Result<std::size_t> MemorySource::read(std::span<char> room) {
  const std::size_t n = std::min({room.size(), left_.size(), at_once_});
  std::memcpy(room.data(), left_.data(), n);
  left_.remove_prefix(n);
  return n;
}

}  // namespace portalkey
