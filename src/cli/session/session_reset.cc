#include "cli/session/session_reset.h"

#include <fmt/format.h>

#include <iostream>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "jobs/store/sqlite/key_file_kind.h"
#include "vault/file_store.h"

namespace portalkey {
namespace {

struct Sealed {
  const SealedKind* kind;
  std::filesystem::path path;
  const char* loses;  ///< what is out of reach when it is set aside
  std::string why;    ///< it is to be set aside; empty: it is fine, or not there
};

/// Fails where it cannot be told whether the file opens.
Result<void> look_at(Sealed& sealed, const Secret& passphrase) {
  if (std::error_code ignored; !std::filesystem::exists(sealed.path, ignored)) return {};
  auto opened = SealedFile::read_with_passphrase(sealed.path, *sealed.kind, passphrase);
  if (opened) return {};
  if (opened.error().code != Errc::unauthenticated && opened.error().code != Errc::corrupt) return pass(opened);
  sealed.why = opened.error().what;
  return {};
}

Result<void> nobody_runs_a_job(Services& services) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(services.jobs_folder(), none)) {
    if (entry.path().extension() != ".lock") continue;
    auto lock = FileLock::take(entry.path(), std::chrono::milliseconds(0), services.clock(), services.stop());
    if (!lock && lock.error().code == Errc::conflict) {
      return fail(Errc::conflict, fmt::format("another process runs the job {}", entry.path().stem().string()),
                  "Wait until it is done, or end it.");
    }
  }
  return {};
}

Result<std::filesystem::path> set_aside(const std::filesystem::path& path, WallTime now) {
  std::string time = iso_time(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  auto aside = path.string() + ".aside-" + time;
  std::error_code problem;
  while (std::filesystem::exists(aside, problem)) aside += "-again";
  std::filesystem::rename(path, aside, problem);
  if (problem) {
    return std::unexpected(Error{Errc::unavailable,
                                 fmt::format("the file cannot be renamed: {}", problem.message()),
                                 "Run as the user whose file it is, and check that its folder may be written to.",
                                 {{"file", path.string()}}});
  }
  return aside;
}

bool person_agrees() {
  say("Set these files aside (renamed, not deleted)? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

/// Jobs whose secret keys can no longer be opened.
void tell_of_jobs(Services& services) {
  auto store = services.jobs();
  auto jobs = store ? every_job(**store) : Result<std::vector<Job>>(std::vector<Job>{});
  if (!jobs) return;
  for (const auto& job : *jobs) {
    if (job.state == Job::State::done || job.state == Job::State::cancelled) continue;
    say(fmt::format(
        "The job {} ({} of {} tokens done{}) cannot be resumed: run its command again with its seed file, then portalkey "
        "jobs forget {}\n",
        job.id, job.good, job.tokens, job.file.empty() ? "" : ", from " + visible_text(job.file), job.id));
  }
}

}  // namespace

Result<ExitCode> reset_session(Services& services, bool yes) {
  auto passphrase = services.passphrase();
  if (!passphrase) return pass(passphrase);
  Sealed files[] = {
      {&kVaultFile, services.profile().vault.path, "the refresh token of the session: sign in again", {}},
      {&kEscrowFile, services.escrow_file(), "a refresh token that the vault had not confirmed", {}},
      {&kJournalKeyFile, services.journal_key_file(), "the secret keys that wait in unfinished jobs", {}},
  };
  const auto& [vault, escrow, journal_key] = files;

  std::optional<FileLock> session_lock;
  if (std::error_code ignored; std::filesystem::is_directory(services.profile().state_folder, ignored)) {
    auto lock = FileLock::take(services.profile().state_folder / "session.lock", std::chrono::seconds(30), services.clock(),
                               services.stop());
    if (!lock) return pass(lock);
    session_lock.emplace(std::move(*lock));
  }
  if (auto idle = nobody_runs_a_job(services); !idle) return pass(idle);

  bool any = false;
  for (auto& file : files) {
    if (auto looked = look_at(file, *passphrase); !looked) return pass(looked);
    if (file.why.empty()) continue;
    if (!any) say("What the passphrase given now does not open:\n");
    any = true;
    say(harmless(fmt::format("  {}\n    {}. It holds {}\n", file.path.string(), file.why, file.loses)));
  }
  if (!any) {
    print("The passphrase opens every sealed file of this profile: nothing was set aside.\n");
    return ExitCode::done;
  }
  if (!yes && !person_agrees()) return fail(Errc::cancelled, "nothing was set aside");
  for (const auto& file : files) {
    if (file.why.empty()) continue;
    auto aside = set_aside(file.path, services.clock().now());
    if (!aside) return pass(aside);
    print(harmless(fmt::format("Set aside: {}\n", aside->string())));
  }
  if (!journal_key.why.empty()) tell_of_jobs(services);
  if (!vault.why.empty()) {
    say("Now sign the service account in again: portalkey login\n");
  } else if (!escrow.why.empty()) {
    say("Now see whether the vault's refresh token still works: portalkey session refresh\n");
  }
  say("When the lost passphrase is found, the files can be renamed back.\n");
  return ExitCode::done;
}

}  // namespace portalkey
