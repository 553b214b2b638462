#pragma once
// A profile's tenant, wired once: everything an operation works with. It knows no screen, and of its process only what it is
// handed. Several may stand side by side in one process.
//
// Threads: everything here may be used by several threads at once, each with tasks of its own (base/tasks.h) or with none, but
// for what is said to be for one job or for one run. So a process can run several jobs of a tenant, each with a directory
// (open_tokens), a journal (jobs) and a pace (pace) of its own, while all share the wire, the credentials and the session.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "app/interaction.h"
#include "app/profile/profile.h"
#include "app/tenant/vault_passphrase.h"
#include "base/random.h"
#include "directory/portal/portal_api.h"
#include "directory/token_directory.h"
#include "entra/credentials/chosen_credential.h"
#include "entra/session/session.h"
#include "entra/session/session_credential.h"
#include "jobs/store/activation_pace.h"
#include "jobs/store/job_store.h"

namespace portalkey {

/// Where a tenant is worked on from. What is referred to must outlive it.
struct Surroundings {
  Interaction& interaction;
  Environment environment;
  std::stop_token stop;
  Http* network = nullptr;  ///< instead of libcurl: tests answer every request through it, those to this machine too
  Clock* clock = nullptr;   ///< instead of the system's
};

class Tenant {
 public:
  Tenant(Profile profile, Surroundings surroundings);
  Tenant(const Tenant&) = delete;
  Tenant& operator=(const Tenant&) = delete;
  ~Tenant();

  const Profile& profile() const { return profile_; }
  Interaction& interaction() { return around_.interaction; }
  const Environment& environment() const { return around_.environment; }
  Clock& clock() { return clock_; }
  /// For names (guid), by whichever thread.
  Random& random() { return random_; }
  std::stop_token stop() const { return around_.stop; }
  /// Five minutes for one thing done, unless the operation says otherwise.
  Deadline deadline(std::chrono::seconds left = std::chrono::minutes(5)) const {
    return Deadline::in(left, clock_, around_.stop);
  }

  Http& http() { return *http_; }
  /// To one host that is none of the cloud's, over verified TLS. It has no credential, and logs no path: it may be a secret.
  std::unique_ptr<Http> wire_to(const std::string& host);
  /// Who opens the vault and drives Azure Resource Manager and Graph.
  Credential& azure() { return *azure_; }
  /// Which credential azure() is and why not another; decides it if nobody has asked for a token yet
  /// (entra/credentials/chosen_credential.h).
  CredentialChoice credential_choice();
  /// For asking somebody to sign in as `who`.
  SignIn sign_in_as(std::string who) const;
  TokenEndpoint& endpoint() { return *endpoint_; }
  SecretStore& store() { return *store_; }
  /// For one run that rotates, adopts or looks at the session itself; what only needs an access token takes portal().
  Session& session() { return *session_; }
  /// The portal API with the session's access token, which is fetched on the first call and renewed when due.
  PortalApi& portal() { return *portal_; }
  /// The portal API with a given access token.
  std::unique_ptr<PortalApi> portal_with(const Secret& access_token);
  /// The tenant's tokens through the profile's backend, for one job: it remembers what it has read, and counts its changes.
  std::unique_ptr<TokenDirectory> open_tokens();
  /// Whether Microsoft Graph manages hardware OATH tokens in the profile's cloud.
  bool has_graph_tokens() const;
  /// Through Graph and through the portal, whichever is the profile's backend: for a job that moves tokens from one to the
  /// other.
  std::unique_ptr<TokenDirectory> open_tokens_that_move();
  std::unique_ptr<TokenDirectory> open_portal_tokens();
  /// The journal of this profile's jobs, opened anew, for one job.
  Result<std::unique_ptr<JobStore>> jobs();
  /// Null if there is none: makes no journal.
  Result<std::unique_ptr<JobStore>> jobs_if_any();
  /// What this profile's jobs on this machine took away; makes no journal.
  Result<TakenTokens> taken_away();
  /// The tenant's limit on activations, which the user's profiles share; for one job. Where their common folder cannot be made
  /// it is shared by this profile's jobs only.
  Result<std::unique_ptr<ActivationPace>> pace();

  std::filesystem::path jobs_folder() const { return profile_.state_folder / "jobs"; }
  std::filesystem::path journal_key_file() const { return jobs_folder() / "jobs.key"; }
  std::filesystem::path escrow_file() const { return profile_.state_folder / "escrow.sealed"; }
  /// Makes sure, before anything is sent, that no other account has a hand in what a run writes: afterwards would be too late
  /// to keep a token that was given.
  Result<void> check_files() const;
  /// Makes sure of what opens the vault before a person is bothered: the passphrase of a vault file.
  Result<void> unlock_vault();
  /// That of the vault file, escrow and journal key. invalid_input if the vault is none.
  Result<Secret> passphrase();
  /// Set once an older copy of the vault file was found in its place.
  std::optional<Error> old_copy() const;
  /// Who opens the vault; empty for a vault file.
  std::string vault_identity() const { return passphrase_ ? std::string() : azure_->description(); }

 private:
  void wire_credential();
  void wire_vault();
  std::optional<std::function<Result<Secret>()>> passphrase_source();
  Result<std::filesystem::path> pace_folder(std::string_view tenant_id);

  Profile profile_;
  Surroundings around_;
  std::unique_ptr<Clock> own_clock_;  // null: one was given
  Clock& clock_;
  Random random_;  // of names
  Random pauses_;  // the wire's own
  std::unique_ptr<Http> http_;
  std::unique_ptr<Http> local_http_;
  std::unique_ptr<TokenEndpoint> endpoint_;
  std::unique_ptr<VaultPassphrase> passphrase_;  // null: the vault is no file
  mutable std::mutex mutex_;                     // guards what follows
  std::optional<Error> old_copy_;
  std::unique_ptr<ChosenCredential> azure_;
  std::unique_ptr<Http> vault_http_;  // answers the vault's claims challenges
  std::unique_ptr<SecretStore> store_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<SessionCredential> session_credential_;
  std::unique_ptr<PortalApi> portal_;
};

}  // namespace portalkey
