#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace portalkey {

Result<FileLock> FileLock::take(const std::filesystem::path& path, std::chrono::milliseconds patience, Clock& clock,
                                const std::stop_token& stop) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return std::unexpected(Error{Errc::unavailable,
                                 std::string("cannot open the lock file: ") + std::strerror(errno),
                                 "Check that the state folder exists and that you may write to it.",
                                 {{"file", path.string()}}});
  }
  FileLock lock(fd);
  constexpr std::chrono::milliseconds kStep{25};
  for (std::chrono::milliseconds waited{0};; waited += kStep) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
    if (waited >= patience) break;
    if (!clock.sleep_for(kStep, stop)) return fail(Errc::cancelled, "interrupted while waiting for another run to finish");
  }
  return std::unexpected(Error{Errc::conflict,
                               "another portalkey run is renewing this session and has not finished",
                               "Wait for it to end, or stop it, and run the command again.",
                               {{"file", path.string()}}});
}

FileLock::FileLock(FileLock&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace portalkey
