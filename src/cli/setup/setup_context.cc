#include "cli/setup/setup_context.h"

#include <fmt/format.h>

#include "app/process_environment.h"
#include "base/files.h"
#include "cli/setup/setup_record.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/shell_word.h"
#include "provision/survey.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kTime{30};  // replication can take ten minutes, a provider's registration as long

/// Relative to the config file if it lies beside it, as people write it.
std::string shown(const std::filesystem::path& file, const std::filesystem::path& config) {
  const auto whole = std::filesystem::absolute(file);
  return whole.parent_path() == std::filesystem::absolute(config).parent_path() ? whole.filename().string() : whole.string();
}

}  // namespace

Result<std::unique_ptr<Setup>> Setup::open(const SetupOptions& options, const Globals& globals) {
  ProfileChoice choice = globals.profile;
  choice.setup = true;
  choice.portal = false;
  choice.credential.reset();  // that is the administrator's; the profile's is the app's
  choice.config = config_file(globals.profile, process_environment());
  auto profile = load_profile(choice, process_environment());
  if (!profile) return pass(profile);
  std::unique_ptr<Setup> setup(new Setup(std::move(*profile), globals));
  setup->config_ = std::filesystem::absolute(choice.config);
  if (!options.tenant.empty() && !is_tenant(options.tenant))
    return fail(Errc::invalid_input, "--tenant is neither a GUID nor a domain name", "Correct it, or leave it out.");
  if (!options.tenant.empty()) setup->profile_.tenant = options.tenant;
  if (!options.cloud.empty()) {
    auto cloud = find_cloud(options.cloud);
    if (!cloud) return pass(cloud);
    setup->profile_.cloud = *cloud;
    if (setup->profile_.backend == Backend::graph && cloud->name != "global") {
      return fail(Errc::invalid_input,
                  fmt::format("Microsoft Graph manages hardware OATH tokens in the global cloud only, not in {}", cloud->name),
                  "Leave --backend graph out.");
    }
  }
  const Cloud& cloud = setup->profile_.cloud;
  if (cloud.arm.empty() || cloud.graph.empty() || cloud.vault_suffix.empty()) {
    return fail(Errc::invalid_input, fmt::format("the cloud {} does not name all the services a set-up needs", cloud.name),
                "Set arm, graph and vault_suffix in its table.");
  }
  auto record = read_setup_record(setup->record_file());
  if (!record) return pass(record);
  setup->record_ = std::move(*record);
  auto desired = desired_from(options, setup->profile_, setup->record_, setup->config_);
  if (!desired) return pass(desired);
  setup->desired_ = std::move(*desired);
  // Before anything is made in Azure: what is told there once must find its place here.
  for (const auto& file : {setup->config_, setup->record_file(), setup->desired_.credential_file}) {
    if (auto fine = file.empty() ? Result<void>() : check_writable(file); !fine && fine.error().code != Errc::not_found)
      return pass(fine);
  }
  return setup;
}

Result<void> Setup::connect() {
  Profile admin = profile_;
  admin.credential = {};
  admin.credential.type = globals_.profile.credential.value_or(CredentialType::automatic);
  services_ = std::make_unique<Tenant>(std::move(admin), surroundings());
  azure_.emplace(Azure{services_->http(), services_->azure(), services_->clock(), profile_.cloud, services_->deadline(kTime)});
  auto subscription = find_subscription(*azure_, desired_.subscription);
  if (!subscription) return pass(subscription);
  desired_.subscription = subscription->id;
  desired_.tenant = subscription->tenant;
  return {};
}

Surroundings Setup::surroundings() const { return {terminal_, process_environment(), stop_on_interrupt()}; }

Result<FileLock> Setup::lock() {
  if (auto made = make_private_folder(profile_.state_folder); !made) return pass(made);
  return FileLock::take(profile_.state_folder / "setup.lock", std::chrono::seconds(1), services_->clock(), services_->stop());
}

ProfileText Setup::profile_text(const std::string& client_id, const std::string& vault_url) const {
  ProfileText text;
  text.name = profile_.name;
  text.settings = {{"tenant", desired_.tenant}};
  if (profile_.cloud.name != "global") text.settings.emplace_back("cloud", profile_.cloud.name);
  if (profile_.sandbox) text.settings.emplace_back("sandbox", profile_.sandbox->folder.string());
  if (desired_.graph) text.settings.emplace_back("backend", "graph");
  const std::string file = desired_.credential_file.empty() ? "" : shown(desired_.credential_file, config_);
  switch (desired_.credential) {
    case AppCredential::secret:
      text.credential = {{"type", "client_secret"}, {"client_id", client_id}, {"client_secret_file", file}};
      break;
    case AppCredential::certificate:
      text.credential = {{"type", "client_certificate"}, {"client_id", client_id}, {"client_certificate_file", file}};
      break;
    case AppCredential::federated:
      text.credential = {{"type", "workload_identity"}, {"client_id", client_id}};
      if (!file.empty()) text.credential.emplace_back("federated_token_file", file);
      break;
  }
  text.vault = {{"type", "key_vault"}, {"url", vault_url}, {"secret_name", desired_.secret_name}};
  return text;
}

std::unique_ptr<Tenant> Setup::as_app(const std::string& client_id) const {
  Profile app = profile_;
  app.tenant = desired_.tenant;
  app.credential = {};
  app.credential.client_id = client_id;
  switch (desired_.credential) {
    case AppCredential::secret:
      app.credential.type = CredentialType::client_secret;
      app.credential.client_secret_file = desired_.credential_file;
      break;
    case AppCredential::certificate:
      app.credential.type = CredentialType::client_certificate;
      app.credential.client_certificate_file = desired_.credential_file;
      break;
    case AppCredential::federated:
      if (desired_.credential_file.empty()) return nullptr;
      app.credential.type = CredentialType::workload_identity;
      app.credential.federated_token_file = desired_.credential_file;
      break;
  }
  return std::make_unique<Tenant>(std::move(app), surroundings());
}

std::string Setup::next_command() const {
  std::string out = "portalkey";
  const bool own_config = !globals_.profile.config.empty() || profile_.sandbox || std::getenv("PORTALKEY_CONFIG") != nullptr;
  if (own_config) out += " --config " + shell_word(config_.string());
  if (profile_.name != "default") out += " --profile " + shell_word(profile_.name);
  return out + (desired_.graph ? " doctor" : " login");  // an app with its own permissions needs nobody to sign in
}

}  // namespace portalkey
