#include "entra/credentials/chosen_credential.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <optional>

#include "base/ascii.h"
#include "base/files.h"
#include "base/secret_text.h"
#include "entra/credentials/app_credentials.h"
#include "entra/credentials/managed_identity.h"
#include "entra/credentials/person_credential.h"
#include "entra/oauth/secret_flaw.h"

namespace portalkey {
namespace {

using enum CredentialType;

constexpr std::size_t kSecretLimit = 4096, kCertificateLimit = 256 << 10;

Result<Secret> read_line(const std::filesystem::path& file) {
  auto bytes = read_file(file, kSecretLimit, FileUse::secret);
  if (!bytes) return pass(bytes);
  Secret line = bytes->reveal(secret_in_text);
  if (line.empty()) {
    return std::unexpected(
        Error{Errc::invalid_input, "the secret's file is empty", "Put the secret into it.", {{"file", file.string()}}});
  }
  return line;
}

Result<Secret> without_flaw(Result<Secret> secret, std::string_view kind, std::string_view place) {
  const auto flaw = secret ? secret->reveal(client_secret_flaw) : std::string();
  if (flaw.empty()) return secret;
  return std::unexpected(Error{Errc::invalid_input,
                               fmt::format("this is no client secret: it has {}", flaw),
                               "Put the secret's value there, and nothing else.",
                               {{std::string(kind), std::string(place)}}});
}

class Chosen final : public ChosenCredential {
 public:
  Chosen(CredentialSettings settings, CredentialTools tools) : settings_(std::move(settings)), tools_(std::move(tools)) {
    if (settings_.type != automatic) choice_.chosen = name_of(settings_.type);
  }

  Result<Secret> access_token(const std::string& resource, const Deadline& deadline) override {
    auto credential = decided(resource, deadline);
    return outward(credential ? (*credential)->access_token(resource, deadline) : pass(credential));
  }

  Result<Secret> answer_challenge(const std::string& resource, const Secret& refused, const std::string& claims,
                                  const Deadline& deadline) override {
    auto credential = decided(resource, deadline);
    return outward(credential ? (*credential)->answer_challenge(resource, refused, claims, deadline) : pass(credential));
  }

  std::string description() const override {
    const std::lock_guard lock(facts_);
    return credential_ ? credential_->description() : "no credential yet";
  }

  CredentialChoice choice(const std::string& resource, const Deadline& deadline) override {
    (void)decided(resource, deadline);  // its error is in passed_over
    return choice_so_far();
  }

  CredentialChoice choice_so_far() const override {
    const std::lock_guard lock(facts_);
    return choice_;
  }

 private:
  /// To those who ask for a token not_found is the service's word, about what they look for there.
  static Result<Secret> outward(Result<Secret> token) {
    if (!token && token.error().code == Errc::not_found) token.error().code = Errc::unauthenticated;
    return token;
  }

  // --- deciding ---

  /// The credential, once there is one. One caller decides, the others wait.
  Result<Credential*> decided(const std::string& resource, const Deadline& deadline) {
    if (auto* known = known_credential()) return known;
    const auto left = deadline.at - tools_.clock.steady_now();
    const std::unique_lock deciding(deciding_, std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0)));
    if (!deciding) return fail(Errc::unavailable, "no time was left to wait for the choice of a credential", "Try again.");
    if (auto* known = known_credential()) return known;
    {
      const std::lock_guard lock(facts_);
      choice_ = {};
      if (settings_.type != automatic) choice_.chosen = name_of(settings_.type);
    }
    auto made = settings_.type == automatic ? search(resource, deadline) : named(settings_.type);
    if (!made) return pass(made);
    const std::lock_guard lock(facts_);
    credential_ = std::move(*made);
    return credential_.get();
  }

  Credential* known_credential() const {
    const std::lock_guard lock(facts_);
    return credential_.get();
  }

  void pass_over(CredentialType type, std::string why) {
    const std::lock_guard lock(facts_);
    choice_.passed_over.emplace_back(name_of(type), std::move(why));
  }
  void settle(CredentialType type) {
    const std::lock_guard lock(facts_);
    choice_.chosen = name_of(type);
  }

  Result<std::unique_ptr<Credential>> search(const std::string& resource, const Deadline& deadline) {
    for (const auto type : {client_secret, client_certificate, workload_identity}) {
      if (const std::string missing = what_is_missing(type); !missing.empty()) {
        pass_over(type, missing);
        continue;
      }
      return named(type);
    }
    auto machine = search_machine(resource, deadline);
    if (!machine || *machine) return machine;
    auto cli = search_azure_cli(resource, deadline);
    if (!cli || *cli) return cli;
    constexpr const char* kOnlyWhenAsked = "used only when asked for";
    if (tools_.person_present()) {
      pass_over(device_code, kOnlyWhenAsked);  // new tenants block that flow
      return named(browser);
    }
    pass_over(browser, "there is no terminal, so nobody to sign in");
    pass_over(device_code, kOnlyWhenAsked);
    std::string tried;
    for (const auto& [type, why] : choice_so_far().passed_over)
      tried += fmt::format("{}{}: {}", tried.empty() ? "" : "; ", type, why);
    return std::unexpected(
        Error{Errc::unauthenticated,
              "nothing here proves to Azure who calls",
              "Describe a credential in the profile's table `credential` (docs/profiles.md), set AZURE_CLIENT_ID "
              "and AZURE_CLIENT_SECRET, or run az login.",
              {{"tried", tried}}});
  }

  /// A null pointer: not this one; the reason is noted. An error ends the search.
  Result<std::unique_ptr<Credential>> search_machine(const std::string& resource, const Deadline& deadline) {
    const ManagedIdentityPlace& place = managed_identity_place();
    if (place.host == ManagedIdentityHost::imds) {
      if (tools_.sandbox && tools_.environment.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").empty()) {
        pass_over(managed_identity, "the sandbox's metadata service is used only when asked for");
        return nullptr;
      }
      auto there = probe_imds(tools_.local_http, place, tools_.clock, deadline.stop);
      if (!there && there.error().code == Errc::cancelled) return pass(there);
      if (!there) {
        pass_over(managed_identity, there.error().what);
        return nullptr;
      }
    }
    return first_token(managed_identity, resource, deadline, {Errc::not_found});
  }

  Result<std::unique_ptr<Credential>> search_azure_cli(const std::string& resource, const Deadline& deadline) {
    if (tools_.sandbox) {
      pass_over(azure_cli, "az is signed in to the real Azure, not to the sandbox");
      return nullptr;
    }
    return first_token(azure_cli, resource, deadline, {Errc::not_found, Errc::needs_person, Errc::unavailable});
  }

  /// Whether this one can be used shows only when it is asked for a token.
  Result<std::unique_ptr<Credential>> first_token(CredentialType type, const std::string& resource, const Deadline& deadline,
                                                  std::initializer_list<Errc> unusable) {
    auto credential = named(type);
    if (!credential) return credential;
    auto token = (*credential)->access_token(resource, deadline);
    if (token) return credential;
    {
      const std::lock_guard lock(facts_);
      choice_.chosen.clear();
    }
    if (std::ranges::find(unusable, token.error().code) == unusable.end()) {
      pass_over(type, token.error().what);
      return pass(token);
    }
    pass_over(type, token.error().what);
    return nullptr;
  }

  // --- making ---

  std::string variable(const char* name) const { return tools_.environment.variable(name); }

  std::string client_id() const { return settings_.client_id.empty() ? variable("AZURE_CLIENT_ID") : settings_.client_id; }

  /// What an application's credential still lacks; empty if nothing.
  std::string what_is_missing(CredentialType type) {
    const auto lacks = [&](const std::filesystem::path& setting, const char* name, const char* variable_name, bool known) {
      return setting.empty() && !known && variable(variable_name).empty()
                 ? fmt::format("neither credential.{} nor {} is set", name, variable_name)
                 : std::string();
    };
    std::string missing;
    if (type == client_secret) {
      const std::lock_guard lock(facts_);
      missing = lacks(settings_.client_secret_file, "client_secret_file", "AZURE_CLIENT_SECRET", !secret_.empty());
    } else if (type == client_certificate) {
      missing = lacks(settings_.client_certificate_file, "client_certificate_file", "AZURE_CLIENT_CERTIFICATE_PATH", false);
    } else if (type == workload_identity) {
      missing = lacks(settings_.federated_token_file, "federated_token_file", "AZURE_FEDERATED_TOKEN_FILE", false);
    }
    if (missing.empty() && client_id().empty()) missing = "neither credential.client_id nor AZURE_CLIENT_ID is set";
    return missing;
  }

  TokenEndpoint endpoint(bool of_an_application) const {
    std::string tenant = settings_.tenant;
    if (tenant.empty() && of_an_application && settings_.client_id.empty()) tenant = variable("AZURE_TENANT_ID");
    if (tenant.empty()) tenant = tools_.tenant;
    return {tools_.http, tools_.cloud, std::move(tenant), tools_.clock, tools_.random};
  }

  const ManagedIdentityPlace& managed_identity_place() {
    if (!place_) place_ = find_managed_identity(tools_.environment);
    return *place_;
  }

  /// From the environment once, and kept: it is wiped there.
  Result<Secret> from_environment(Secret& kept, const char* name) {
    if (kept.empty())
      kept = tools_.environment.secret(name).reveal(secret_in_text);  // container tools keep quotes and line breaks
    return kept.clone();
  }

  Result<std::unique_ptr<Credential>> named(CredentialType type) {
    const bool application = type == client_secret || type == client_certificate || type == workload_identity;
    if (const std::string missing = application ? what_is_missing(type) : std::string(); !missing.empty()) {
      return std::unexpected(Error{Errc::invalid_input,
                                   fmt::format("the credential {} is not complete: {}", name_of(type), missing),
                                   "Set it in the profile's table `credential`, or in the environment.",
                                   {}});
    }
    settle(type);
    switch (type) {
      case client_secret:
        return make_client_secret_credential(
            {endpoint(true), client_id()},
            [this]() -> Result<Secret> {
              const auto& file = settings_.client_secret_file;
              if (!file.empty()) return without_flaw(read_line(file), "file", file.string());
              const std::lock_guard lock(facts_);
              return without_flaw(from_environment(secret_, "AZURE_CLIENT_SECRET"), "variable", "AZURE_CLIENT_SECRET");
            },
            tools_.clock);
      case client_certificate:
        return make_client_certificate_credential(
            {endpoint(true), client_id()},
            [this] {
              const auto& set = settings_.client_certificate_file;
              return read_file(set.empty() ? std::filesystem::path(variable("AZURE_CLIENT_CERTIFICATE_PATH")) : set,
                               kCertificateLimit, FileUse::secret);
            },
            [this]() -> Result<Secret> {
              if (const auto& file = settings_.client_certificate_password_file; !file.empty()) return read_line(file);
              const std::lock_guard lock(facts_);
              return from_environment(password_, "AZURE_CLIENT_CERTIFICATE_PASSWORD");
            },
            tools_.clock, tools_.random);
      case workload_identity: {
        const auto& set = settings_.federated_token_file;
        return make_workload_identity_credential(
            {endpoint(true), client_id()}, set.empty() ? std::filesystem::path(variable("AZURE_FEDERATED_TOKEN_FILE")) : set,
            tools_.clock);
      }
      case managed_identity: {
        const auto& found = managed_identity_place();
        ManagedIdentityPlace place{found.host, found.endpoint, found.setting, found.key.clone(), found.arc_folder};
        return make_managed_identity_credential(tools_.local_http, std::move(place), client_id(), tools_.clock);
      }
      case azure_cli:
        return make_azure_cli_credential(tools_.run_program, settings_.tenant.empty() ? tools_.tenant : settings_.tenant,
                                         tools_.clock);
      case browser: return make_browser_credential(endpoint(false), person_client(), tools_.open_browser, tools_.clock);
      case automatic:
      case device_code: break;
    }
    return make_device_code_credential(endpoint(false), person_client(), tools_.announce, tools_.clock);
  }

  /// A service principal's client id (AZURE_CLIENT_ID) is no public client, and under `auto` neither is the profile's.
  std::string person_client() const {
    const bool meant = settings_.type == device_code || settings_.type == browser;
    return meant && !settings_.client_id.empty() ? settings_.client_id : std::string(kAzurePowerShell);
  }

  CredentialSettings settings_;
  CredentialTools tools_;
  std::optional<ManagedIdentityPlace> place_;
  std::timed_mutex deciding_;
  mutable std::mutex facts_;  // guards what follows; never held while anybody is asked
  CredentialChoice choice_;
  std::unique_ptr<Credential> credential_;
  Secret secret_, password_;
};

}  // namespace

std::unique_ptr<ChosenCredential> choose_credential(CredentialSettings settings, CredentialTools tools) {
  return std::make_unique<Chosen>(std::move(settings), std::move(tools));
}

}  // namespace portalkey
