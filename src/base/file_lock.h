#pragma once
// One process at a time.

#include <chrono>
#include <filesystem>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace portalkey {

/// An advisory lock (flock) on a file, held until destroyed or until the process dies, however it dies.
class FileLock {
 public:
  /// Waits up to `patience` for another holder to let go; then it is a conflict that names the file. invalid_input: another
  /// account may have a hand in the file (base/trusted_path.h), and could hold the lock for ever.
  static Result<FileLock> take(const std::filesystem::path& path, std::chrono::milliseconds patience, Clock& clock,
                               const std::stop_token& stop);

 private:
  explicit FileLock(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

}  // namespace portalkey
