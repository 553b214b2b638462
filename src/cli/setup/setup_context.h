#pragma once
// What the four commands of `portalkey setup` share: profile, record, desired state, and an administrator's calls.

#include <memory>
#include <optional>

#include "app/profile/config_edit.h"
#include "app/tenant/tenant.h"
#include "azure/azure.h"
#include "base/file_lock.h"
#include "cli/setup/setup_options.h"
#include "cli/terminal/terminal_interaction.h"

namespace portalkey {

class Setup {
 public:
  /// Reads config and record; asks nobody.
  static Result<std::unique_ptr<Setup>> open(const SetupOptions& options, const Globals& globals);

  /// Signs in and finds the subscription, whose tenant is the set-up's.
  Result<void> connect();

  Desired& desired() { return desired_; }
  const Record& record() const { return record_; }
  const Profile& profile() const { return profile_; }
  const std::filesystem::path& config() const { return config_; }
  std::filesystem::path record_file() const { return profile_.state_folder / "setup.json"; }
  Azure& azure() { return *azure_; }

  /// One set-up of a profile at a time; makes the state folder.
  Result<FileLock> lock();

  /// The profile as the config file should have it.
  ProfileText profile_text(const std::string& client_id, const std::string& vault_url) const;
  /// Like later commands, with the app's own credential. Nothing if this machine has none (federated, without a token file).
  std::unique_ptr<Tenant> as_app(const std::string& client_id) const;
  /// What comes next with this profile: `portalkey … login`, or with the Graph backend `portalkey … doctor`.
  std::string next_command() const;

 private:
  Surroundings surroundings() const;
  Setup(Profile profile, Globals globals) : profile_(std::move(profile)), globals_(std::move(globals)) {}

  Profile profile_;
  Globals globals_;
  mutable TerminalInteraction terminal_;
  std::filesystem::path config_;
  Record record_;
  Desired desired_;
  std::unique_ptr<Tenant> services_;
  std::optional<Azure> azure_;
};

}  // namespace portalkey
