#include "doctor/files_check.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file_lock.h"
#include "base/files.h"

namespace portalkey {

Finding check_file(const WatchedFile& file) {
  const std::string check = fmt::format("file {}", file.path.string());
  struct stat facts{};
  if (::stat(file.path.c_str(), &facts) != 0) {
    if (errno == ENOENT && !file.required) return {check, Outcome::ok, fmt::format("{} is not there yet", file.role), ""};
    return {check, Outcome::failure, fmt::format("{} cannot be looked at: {}", file.role, std::strerror(errno)),
            "Check the path in the profile or the environment, and who may go there."};
  }
  if (!S_ISREG(facts.st_mode)) {
    return {check, Outcome::failure, fmt::format("{} is not a file", file.role),
            "Check the path in the profile or the environment."};
  }
  const auto mode = facts.st_mode & 07777U;
  if (file.secret && (mode & 0077U) != 0) {
    return {check, Outcome::failure, fmt::format("{} is open to other accounts of this machine (mode {:04o})", file.role, mode),
            fmt::format("chmod 600 '{}'; if others have read it meanwhile, make a new one", file.path.string())};
  }
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    return {check, Outcome::warning, fmt::format("{} belongs to another account (uid {})", file.role, facts.st_uid),
            "Whoever owns it can change it: chown it to the account that runs portalkey, or to root."};
  }
  if ((mode & 0022U) != 0) {
    return {check, Outcome::failure,
            fmt::format("{} can be changed by other accounts of this machine (mode {:04o})", file.role, mode),
            fmt::format("chmod go-w '{}'", file.path.string())};
  }
  return {check, Outcome::ok, fmt::format("{} (mode {:04o})", file.role, mode), ""};
}

Findings check_state_folder(const std::filesystem::path& folder, Clock& clock) {
  Findings findings;
  const std::string check = "state folder";
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored)) {
    return {{check, Outcome::ok, fmt::format("{} is not there yet; the first sign-in makes it", folder.string()), ""}};
  }
  if (auto trusted = check_private_folder(folder); !trusted) return {failed(check, trusted.error())};
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return {{check, Outcome::failure, fmt::format("portalkey may not write to {}", folder.string()),
             "A new refresh token is kept there until the vault has it: make the folder writable, or set state_dir in the "
             "profile."}};
  }
  findings.push_back({check, Outcome::ok, folder.string(), ""});

  Finding escrow{"escrow", Outcome::ok, "empty", ""};
  if (std::filesystem::exists(folder / "escrow.sealed", ignored)) {
    escrow = {"escrow", Outcome::warning, "holds a refresh token that the vault has not confirmed",
              "The next run stores it: portalkey session refresh"};
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (!entry.path().filename().string().starts_with("escrow.sealed.unreadable-")) continue;
    escrow = {"escrow", Outcome::warning,
              fmt::format("an earlier one could not be opened and was moved to {}", entry.path().string()),
              "If the session works, remove the file."};
  }
  findings.push_back(std::move(escrow));

  const auto lock_file = folder / "session.lock";
  if (std::filesystem::exists(lock_file, ignored)) {
    auto lock = FileLock::take(lock_file, std::chrono::milliseconds(0), clock, {});
    findings.push_back(lock || lock.error().code != Errc::conflict
                           ? Finding{"lock", Outcome::ok, "free", ""}
                           : Finding{"lock", Outcome::warning, "another portalkey is renewing this session right now",
                                     "If it stays so, look for a portalkey that hangs."});
  }
  return findings;
}

}  // namespace portalkey
