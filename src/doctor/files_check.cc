#include "doctor/files_check.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/files.h"

namespace portalkey {

Finding check_file(const WatchedFile& file) {
  const std::string check = fmt::format("file {}", file.path.string());
  const auto place = find_place(file.path);
  if (place ? !place->there.has_value() : place.error().code == Errc::not_found) {
    if (!file.required) return {check, Outcome::ok, fmt::format("{} is not there yet", file.role), ""};
    return {check, Outcome::failure, fmt::format("{} is not there", file.role),
            "Check the path in the profile or the environment."};
  }
  auto fine = place ? judge(*place, file.secret ? FileUse::secret : FileUse::trusted) : std::unexpected(place.error());
  if (!fine) {
    fine.error().what = fmt::format("{} will not be used: {}", file.role, fine.error().what);
    return failed(check, fine.error());
  }
  return {check, Outcome::ok, fmt::format("{} (mode {:04o})", file.role, place->there->st_mode & 07777U), ""};
}

Findings check_state_folder(const std::filesystem::path& folder, Clock& clock) {
  Findings findings;
  const std::string check = "state folder";
  std::error_code ignored;
  const auto trusted = check_private_folder(folder);
  auto parent = folder.parent_path();
  while (!std::filesystem::exists(parent, ignored) && parent.has_relative_path()) parent = parent.parent_path();
  const bool usable = std::filesystem::is_directory(parent, ignored);
  if (!trusted && (trusted.error().code == Errc::not_found || !usable)) {
    const int problem = !usable ? ENOTDIR : ::access(parent.c_str(), W_OK | X_OK) != 0 ? errno : 0;
    if (problem != 0) {
      return {
          {check, Outcome::failure,
           fmt::format("{} is not there and cannot be made: {}: {}", folder.string(), parent.string(), std::strerror(problem)),
           "Make the folder, writable for this account alone, or set state_dir in the profile."}};
    }
    return {{check, Outcome::ok, fmt::format("{} is not there yet; the first sign-in makes it", folder.string()), ""}};
  }
  if (!trusted) return {failed(check, trusted.error())};
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return {{check, Outcome::failure, fmt::format("portalkey may not write to {}: {}", folder.string(), std::strerror(errno)),
             "A new refresh token is kept there until the vault has it: make the folder writable, or set state_dir in the "
             "profile."}};
  }
  findings.push_back({check, Outcome::ok, folder.string(), ""});

  Finding escrow{"escrow", Outcome::ok, "empty", ""};
  if (std::filesystem::exists(folder / "escrow.sealed", ignored)) {
    escrow = {"escrow", Outcome::warning, "holds a refresh token that the vault has not confirmed",
              "The next run stores it: [[refresh-session]]"};
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
