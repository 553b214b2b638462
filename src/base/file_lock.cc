#include "base/file_lock.h"

#include <sys/file.h>

#include <string>
#include <utility>

#include "base/trusted_path.h"

namespace portalkey {

Result<FileLock> FileLock::take(const std::filesystem::path& path, std::chrono::milliseconds patience, Clock& clock,
                                const std::stop_token& stop) {
  auto file = open_in_place(path);
  if (!file && file.error().code == Errc::invalid_input) return pass(file);
  if (!file) {
    return std::unexpected(Error{Errc::unavailable,
                                 "the lock file: " + file.error().what,
                                 "Check that the state folder exists and that you may write to it.",
                                 {{"file", path.string()}}});
  }
  FileLock lock(std::move(*file));
  constexpr std::chrono::milliseconds kStep{25};
  for (std::chrono::milliseconds waited{0};; waited += kStep) {
    if (::flock(lock.fd_.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (waited >= patience) break;
    if (!clock.sleep_for(kStep, stop)) return fail(Errc::cancelled, "interrupted while waiting for another run to finish");
  }
  return std::unexpected(Error{Errc::conflict,
                               "another portalkey run is renewing this session and has not finished",
                               "Wait for it to end, or stop it, and run the command again.",
                               {{"file", path.string()}}});
}

}  // namespace portalkey
