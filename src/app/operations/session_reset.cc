#include "app/operations/session_reset.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/time_text.h"
#include "jobs/store/sqlite/key_file_kind.h"
#include "vault/file_store.h"

namespace portalkey {
namespace {

/// Why the file does not open with this passphrase; empty: it does, or is not there. Fails where that cannot be told.
Result<std::string> why_unopened(const std::filesystem::path& path, const SealedKind& kind, const Secret& passphrase) {
  if (std::error_code ignored; !std::filesystem::exists(path, ignored)) return std::string();
  auto opened = SealedFile::read_with_passphrase(path, kind, passphrase);
  if (opened) return std::string();
  if (opened.error().code != Errc::unauthenticated && opened.error().code != Errc::corrupt) return pass(opened);
  return opened.error().what;
}

Result<void> nobody_runs_a_job(Tenant& tenant) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(tenant.jobs_folder(), none)) {
    if (entry.path().extension() != ".lock") continue;
    auto lock = FileLock::take(entry.path(), std::chrono::milliseconds(0), tenant.clock(), tenant.stop());
    if (!lock && lock.error().code == Errc::conflict) {
      return fail(Errc::conflict, fmt::format("another process runs the job {}", entry.path().stem().string()),
                  "Wait until it is done, or end it.");
    }
  }
  return {};
}

Result<std::filesystem::path> renamed(const std::filesystem::path& path, WallTime now) {
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

std::vector<Job> unfinished(Tenant& tenant) {
  auto store = tenant.jobs();
  auto jobs = store ? every_job(**store) : Result<std::vector<Job>>(std::vector<Job>{});
  if (!jobs) return {};
  std::erase_if(*jobs, [](const Job& job) { return job.state == Job::State::done || job.state == Job::State::cancelled; });
  return std::move(*jobs);
}

}  // namespace

Result<SessionReset> SessionReset::look(Tenant& tenant) {
  auto passphrase = tenant.passphrase();
  if (!passphrase) return pass(passphrase);
  std::optional<FileLock> lock;
  const auto& folder = tenant.profile().state_folder;
  if (std::error_code ignored; std::filesystem::is_directory(folder, ignored)) {
    auto taken = FileLock::take(folder / "session.lock", std::chrono::seconds(30), tenant.clock(), tenant.stop());
    if (!taken) return pass(taken);
    lock.emplace(std::move(*taken));
  }
  if (auto idle = nobody_runs_a_job(tenant); !idle) return pass(idle);
  SessionReset reset(tenant, std::move(lock));
  reset.vault_ = {tenant.profile().vault.path, "the refresh token of the session: sign in again", {}};
  reset.escrow_ = {tenant.escrow_file(), "a refresh token that the vault had not confirmed", {}};
  reset.journal_key_ = {tenant.journal_key_file(), "the secret keys that wait in unfinished jobs", {}};
  const std::pair<Sealed*, const SealedKind*> all[] = {
      {&reset.vault_, &kVaultFile}, {&reset.escrow_, &kEscrowFile}, {&reset.journal_key_, &kJournalKeyFile}};
  for (const auto& [sealed, kind] : all) {
    auto why = why_unopened(sealed->path, *kind, *passphrase);
    if (!why) return pass(why);
    sealed->why = std::move(*why);
  }
  return reset;
}

std::vector<UnopenedFile> SessionReset::unopened() const {
  std::vector<UnopenedFile> files;
  for (const auto* sealed : {&vault_, &escrow_, &journal_key_}) {
    if (!sealed->why.empty()) files.push_back({sealed->path, sealed->why, sealed->loses});
  }
  return files;
}

Result<SessionSetAside> SessionReset::set_aside() {
  SessionSetAside done;
  for (const auto& file : unopened()) {
    auto aside = renamed(file.path, tenant_->clock().now());
    if (!aside) return pass(aside);
    done.aside.push_back(std::move(*aside));
  }
  if (!journal_key_.why.empty()) done.stranded = unfinished(*tenant_);
  using Next = SessionSetAside::Next;
  done.next = !vault_.why.empty() ? Next::sign_in : !escrow_.why.empty() ? Next::refresh : Next::nothing;
  return done;
}

}  // namespace portalkey
