#include "cli/secret_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace portalkey {
namespace {

std::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path) {
  const int number = errno;
  if (number == EEXIST || number == ELOOP) {
    return std::unexpected(Error{Errc::conflict,
                                 "the output file exists already",
                                 "Remove it, or choose another name with -O.",
                                 {{"file", path.string()}}});
  }
  return std::unexpected(Error{number == ENOENT   ? Errc::not_found
                               : number == EACCES ? Errc::forbidden
                                                  : Errc::unavailable,
                               fmt::format("{}: {}", what, std::strerror(number)),
                               "Check the path, and the space left on the disk.",
                               {{"file", path.empty() ? "standard output" : path.string()}}});
}

}  // namespace

Result<SecretOutput> SecretOutput::create(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  struct stat ignored{};
  if (::lstat(path.c_str(), &ignored) == 0) {
    errno = EEXIST;
    return failed("", path);
  }
  int fd = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0) return SecretOutput(fd, path);
  if (errno != EOPNOTSUPP && errno != EISDIR) return failed("cannot create the output file", path);
  fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return failed("cannot create the output file", path);
  SecretOutput out(fd, path);
  out.named_ = true;
  return out;
}

Result<SecretOutput> SecretOutput::standard_output(bool any) {
  struct stat what{};
  const bool pipe = ::fstat(STDOUT_FILENO, &what) == 0 && (S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode));
  if (!pipe && !any) {
    return fail(Errc::invalid_input,
                "secret keys are written to a pipe or to a file that only you can read, not to a terminal or by >",
                "Use -O FILE.");
  }
  return SecretOutput(STDOUT_FILENO, {});
}

SecretOutput::SecretOutput(SecretOutput&& o) noexcept
    : fd_(std::exchange(o.fd_, -1)), path_(std::move(o.path_)), named_(o.named_), kept_(o.kept_) {}

SecretOutput::~SecretOutput() {
  if (fd_ < 0 || path_.empty()) return;
  ::close(fd_);
  if (named_ && !kept_) ::unlink(path_.c_str());
}

Result<void> SecretOutput::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("cannot write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> SecretOutput::keep() {
  if (path_.empty()) return {};
  if (::fsync(fd_) != 0) return failed("cannot write", path_);
  if (!named_ &&
      ::linkat(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd_).c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) != 0)
    return failed("cannot create the output file", path_);
  kept_ = true;
  return {};
}

}  // namespace portalkey
