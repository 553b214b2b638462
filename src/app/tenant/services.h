#pragma once
// Everything a command works with, made from a profile and wired once.

#include <memory>
#include <optional>

#include "app/profile/profile.h"
#include "base/random.h"
#include "cli/terminal/output.h"
#include "directory/portal/portal_api.h"
#include "directory/portal/portal_tokens.h"
#include "directory/token_directory.h"
#include "entra/credentials/chosen_credential.h"
#include "entra/session/session.h"
#include "http/curl_http.h"
#include "jobs/store/activation_pace.h"
#include "jobs/store/job_store.h"

namespace portalkey {

class Services {
 public:
  Services(Profile profile, std::stop_token stop);

  const Profile& profile() const { return profile_; }
  Clock& clock() { return clock_; }
  Random& random() { return random_; }
  std::stop_token stop() const { return stop_; }
  /// Five minutes for one thing done, unless the command says otherwise.
  Deadline deadline(std::chrono::seconds left = std::chrono::minutes(5)) const { return Deadline::in(left, clock_, stop_); }

  Http& http() { return *http_; }
  /// Who opens the vault and drives Azure Resource Manager and Graph.
  Credential& azure() { return *azure_; }
  /// Which credential azure() is and why not another; decides it if nobody has asked for a token yet
  /// (entra/credentials/chosen_credential.h).
  CredentialChoice credential_choice();
  /// From now on the credential `auto` may ask somebody to sign in, even where there is no terminal.
  void expect_a_person() { person_expected_ = true; }
  /// Shows a person the sign-in page's address and opens it in the browser, if there is one.
  std::optional<RedirectPage> open_browser(const std::string& url, std::string_view who);
  TokenEndpoint& endpoint() { return *endpoint_; }
  SecretStore& store() { return *store_; }
  Session& session() { return *session_; }
  /// The portal API with the session's access token, which is fetched on the first call and renewed when due.
  PortalApi& portal() { return *portal_; }
  /// The tenant's tokens, through the profile's backend.
  TokenDirectory& tokens() { return *tokens_; }
  /// The journal of this profile's jobs, opened anew.
  Result<std::unique_ptr<JobStore>> jobs();
  /// The tenant's limit on activations, which this profile's jobs share.
  Result<std::unique_ptr<ActivationPace>> pace();
  std::filesystem::path jobs_folder() const { return profile_.state_folder / "jobs"; }
  std::filesystem::path journal_key_file() const { return jobs_folder() / "jobs.key"; }
  std::filesystem::path escrow_file() const { return profile_.state_folder / "escrow.sealed"; }
  /// The portal API with a given access token.
  std::unique_ptr<PortalApi> portal_with(const Secret& access_token);
  /// Makes sure, before anything is sent, that no other account has a hand in what a run writes: afterwards would be too late
  /// to keep a token that was given.
  Result<void> check_files() const;
  /// Makes sure of what opens the vault before a person is bothered: the passphrase of a vault file.
  Result<void> unlock_vault();
  /// That of the vault file, escrow and journal key. invalid_input if the vault is none.
  Result<Secret> passphrase();
  /// Set once an older copy of the vault file was found in its place.
  const std::optional<Error>& old_copy() const { return old_copy_; }
  /// Who opens the vault; empty for a vault file.
  std::string vault_identity() const { return passphrase_ ? std::string() : azure_->description(); }

 private:
  Result<Secret> ask_passphrase();
  Result<Secret> portal_token(const Secret* refused, const Deadline& deadline);

  Profile profile_;
  std::stop_token stop_;
  SystemClock clock_;
  Random random_;
  std::unique_ptr<Http> http_;
  std::unique_ptr<Http> local_http_;
  std::unique_ptr<TokenEndpoint> endpoint_;
  std::function<Result<Secret>()> passphrase_;  ///< set for a vault file
  std::optional<Error> old_copy_;
  bool person_expected_ = false;
  std::unique_ptr<ChosenCredential> azure_;
  std::unique_ptr<Http> vault_http_;  ///< answers the vault's claims challenges
  std::unique_ptr<SecretStore> store_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<PortalApi> portal_;
  std::unique_ptr<TokenDirectory> tokens_;
  std::optional<PortalAccess> access_;
  bool renewing_ = false;  ///< by a task
};

/// How the profile reaches its hosts: directly, through a proxy, or to a sandbox.
CurlOptions wire_of(const Profile& profile);

/// Tells a person on standard error where to sign in, with which code, and as whom.
void announce_device_code(const DeviceCode& code, std::string_view who, const Profile& profile);

}  // namespace portalkey
