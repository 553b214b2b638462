#pragma once
// The credential that a profile names, or the first that fits in the order of the Azure SDKs (DefaultAzureCredential): a secret
// or certificate from the profile or the environment, workload identity, managed identity, the az CLI; then, where somebody is
// there, a person.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/random.h"
#include "entra/credentials/azure_cli_credential.h"
#include "entra/credentials/browser_sign_in.h"
#include "entra/credentials/credential.h"
#include "entra/credentials/credential_choice.h"
#include "entra/credentials/credential_type.h"
#include "entra/credentials/environment.h"
#include "entra/credentials/person_credential.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

/// The profile's table `credential`. What is empty is looked for in the environment, under the names the Azure SDKs use.
struct CredentialSettings {
  CredentialType type = CredentialType::automatic;
  std::string client_id;  ///< of the application or the user-assigned identity; for a person: the public client to sign in with
  std::string tenant;     ///< if it is not the profile's
  std::filesystem::path client_secret_file;
  std::filesystem::path client_certificate_file;
  std::filesystem::path client_certificate_password_file;
  std::filesystem::path federated_token_file;
};

/// What credentials work with.
struct CredentialTools {
  Http& http;
  Http& local_http;  ///< http/local_http.h
  Cloud cloud;
  std::string tenant;  ///< the profile's
  Clock& clock;
  Random& random;
  Environment environment;
  ProgramRunner run_program;
  AnnounceDeviceCode announce;
  OpenBrowser open_browser;
  std::function<bool()> person_present;  ///< is somebody there who can sign in?
  bool sandbox = false;                  ///< then nothing of the real Azure is looked for
};

class ChosenCredential : public Credential {
 public:
  /// What was chosen and why the rest was not. Not yet decided: decides now, for which it may ask the metadata service (one
  /// second), az, and Entra for a token of `resource`.
  virtual CredentialChoice choice(const std::string& resource, const Deadline& deadline) = 0;
  /// The same as far as it is known without asking anybody.
  virtual CredentialChoice choice_so_far() const = 0;
};

std::unique_ptr<ChosenCredential> choose_credential(CredentialSettings settings, CredentialTools tools);

}  // namespace portalkey
