#pragma once
// What a profile needs in Azure: planned, made, exported as templates, taken away again.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/operations/setup_wishes.h"
#include "app/profile/config_edit.h"
#include "app/tenant/tenant.h"
#include "azure/azure.h"
#include "base/file_lock.h"
#include "provision/destroy.h"
#include "provision/plan.h"

namespace portalkey {

/// Config, record and desired state of a profile's set-up, and an administrator's calls.
class Setup {
 public:
  /// Reads config and record; asks nobody. `choice`: the profile, which may be missing; its credential is the administrator's.
  static Result<std::unique_ptr<Setup>> open(const SetupWishes& wishes, ProfileChoice choice, const Surroundings& around);

  /// Signs in and finds the subscription, whose tenant is the set-up's.
  Result<void> connect();

  Desired& desired() { return desired_; }
  const Desired& desired() const { return desired_; }
  const Record& record() const { return record_; }
  const Profile& profile() const { return profile_; }
  const std::filesystem::path& config() const { return config_; }
  std::filesystem::path record_file() const { return profile_.state_folder / "setup.json"; }
  Azure& azure() { return *azure_; }
  Interaction& interaction() { return around_.interaction; }

  /// One set-up of a profile at a time; makes the state folder.
  Result<FileLock> lock();

  /// The profile as the config file should have it.
  ProfileText profile_text(const std::string& client_id, const std::string& vault_url) const;
  /// Like later commands, with the app's own credential. Null if this machine has none (federated, without a token file).
  std::unique_ptr<Tenant> as_app(const std::string& client_id) const;

 private:
  Setup(Profile profile, const Surroundings& around) : profile_(std::move(profile)), around_(around) {}

  Profile profile_;
  Surroundings around_;
  CredentialType admin_ = CredentialType::automatic;
  std::filesystem::path config_;
  Record record_;
  Desired desired_;
  std::unique_ptr<Tenant> tenant_;
  std::optional<Azure> azure_;
};

/// How the config file changes.
struct ProfileChange {
  std::string name;
  std::filesystem::path config;
  std::string before, after;  ///< the file's text

  /// `exists`, `create` or `change`, as steps have it.
  std::string_view state() const { return before == after ? "exists" : before.empty() ? "create" : "change"; }
};

struct PlannedSetup {
  Plan plan;
  ProfileChange profile;

  std::size_t changes() const { return plan.changes() + (profile.before == profile.after ? 0 : 1); }
};

/// Changes nothing.
Result<PlannedSetup> plan_setup(Setup& setup);

struct AppliedSetup {
  std::vector<Step> steps;  ///< as they were before they were done
  ProfileChange profile;
  std::string tenant, subscription, vault_url, client_id;
  std::filesystem::path credential_file;
  std::string consent;                ///< what a person must consent to, as whom and how; empty: nothing
  std::vector<std::string> warnings;  ///< about what there is now

  std::size_t changes() const;
};

/// Does what is planned, writes the profile, and proves that the app gets into the vault. May be interrupted and repeated.
/// `say`: told what is being done.
Result<AppliedSetup> apply_setup(Setup& setup, const std::function<void(std::string_view)>& say);

struct SetupTemplates {
  std::filesystem::path bicep, arm;  ///< folders, made if they are missing; empty: none of this kind
};

struct ExportedSetup {
  std::vector<std::filesystem::path> files;
};

/// The same as templates. Asks nobody.
Result<ExportedSetup> export_setup(const Setup& setup, const SetupTemplates& wanted);

struct SetupRemoval {
  bool purge = false;  ///< the vault, too, so that nothing can recover it
  /// Shown what goes and what stays, if anything goes: an error ends it there. Empty: nobody need agree.
  std::function<Result<void>(const DestroyPlan&)> agree;
  std::function<void(const Removal&)> removing;  ///< told of each before it goes; may be empty
};

struct DestroyedSetup {
  DestroyPlan plan;  ///< as it was done
};

/// Takes away what portalkey made; the profile stays.
Result<DestroyedSetup> destroy_setup(Setup& setup, const SetupRemoval& wanted);

}  // namespace portalkey
