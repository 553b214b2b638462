#pragma once
// One process at a time.

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "base/error.h"

namespace portalkey {

/// An advisory lock (flock) on a file, held until destroyed or until the process dies, however it dies.
class FileLock {
 public:
  /// Waits up to `patience` for another holder to let go; then it is a conflict that names the file.
  static Result<FileLock> take(const std::filesystem::path& path, std::chrono::milliseconds patience, Clock& clock,
                               const std::stop_token& stop);
  FileLock(FileLock&& o) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace portalkey
