#include "app/operations/set_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/operations/setup_record.h"
#include "base/crash_point.h"
#include "base/files.h"
#include "provision/access.h"
#include "provision/export.h"
#include "provision/survey.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kTime{30};  // replication can take ten minutes, a provider's registration as long

/// Relative to the config file if it lies beside it, as people write it.
std::string beside_config(const std::filesystem::path& file, const std::filesystem::path& config) {
  const auto whole = std::filesystem::absolute(file);
  return whole.parent_path() == std::filesystem::absolute(config).parent_path() ? whole.filename().string() : whole.string();
}

/// The profile with what is asked for of tenant and cloud.
Result<void> choose_tenant(const SetupWishes& wishes, Profile& profile) {
  if (!wishes.tenant.empty() && !is_tenant(wishes.tenant)) {
    return fail(Errc::invalid_input, "[[setting|tenant]] is neither a GUID nor a domain name", "Correct it, or leave it out.");
  }
  if (!wishes.tenant.empty()) profile.tenant = wishes.tenant;
  if (!wishes.cloud.empty()) {
    auto cloud = find_cloud(wishes.cloud);
    if (!cloud) return pass(cloud);
    profile.cloud = *cloud;
    if (profile.backend == Backend::graph && cloud->name != "global") {
      return fail(Errc::invalid_input,
                  fmt::format("Microsoft Graph manages hardware OATH tokens in the global cloud only, not in {}", cloud->name),
                  "Leave [[setting|backend|graph]] out.");
    }
  }
  const Cloud& cloud = profile.cloud;
  if (cloud.arm.empty() || cloud.graph.empty() || cloud.vault_suffix.empty()) {
    return fail(Errc::invalid_input, fmt::format("the cloud {} does not name all the services a set-up needs", cloud.name),
                "Set arm, graph and vault_suffix in its table.");
  }
  return {};
}

Result<ProfileChange> change_of_profile(const Setup& setup, const std::string& client_id, const std::string& vault_url) {
  ProfileChange change;
  change.name = setup.profile().name;
  change.config = setup.config();
  auto before = read_config(setup.config());
  if (!before) return pass(before);
  change.before = std::move(*before);
  auto after = with_profile(change.before, setup.profile_text(client_id, vault_url));
  if (!after) return std::unexpected(std::move(after).error().with("file", setup.config().string()));
  change.after = std::move(*after);
  return change;
}

Result<void> prove_access(Setup& setup, const AppliedSetup& made, const std::function<void(std::string_view)>& say) {
  const auto not_tried = [&](std::string_view why) {
    setup.interaction().warn(fmt::format("whether the vault lets the app in was not tried: {}", why));
    return Result<void>();
  };
  if (setup.desired().network == Network::closed)
    return not_tried("it is closed to this machine unless there is a private endpoint");
  const auto app = setup.as_app(made.client_id);
  if (!app) return not_tried("this machine has no token of its identity provider ([[setting|token-file]])");
  return wait_for_access(setup.azure(), app->azure(), made.vault_url, setup.desired().secret_name, say);
}

Result<void> write_templates(const std::filesystem::path& folder, const std::map<std::string, std::string>& files,
                             std::vector<std::filesystem::path>& written) {
  if (folder.empty()) return {};
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  for (const auto& [name, text] : files) {
    const auto file = folder / name;
    if (auto done = write_file_atomically(file, text); !done) return done;
    // Nothing of it is secret: others may read it, and the script runs.
    std::filesystem::permissions(file, std::filesystem::perms(name.ends_with(".sh") ? 0755 : 0644), problem);
    written.push_back(file);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Setup>> Setup::open(const SetupWishes& wishes, ProfileChoice choice, const Surroundings& around) {
  const auto admin = choice.credential.value_or(CredentialType::automatic);
  choice.setup = true;
  choice.portal = false;
  choice.credential.reset();  // that is the administrator's; the profile's is the app's
  choice.config = config_file(choice, around.environment);
  auto profile = load_profile(choice, around.environment);
  if (!profile) return pass(profile);
  std::unique_ptr<Setup> setup(new Setup(std::move(*profile), around));
  setup->admin_ = admin;
  setup->config_ = std::filesystem::absolute(choice.config);
  if (auto chosen = choose_tenant(wishes, setup->profile_); !chosen) return pass(chosen);
  auto record = read_setup_record(setup->record_file());
  if (!record) return pass(record);
  setup->record_ = std::move(*record);
  auto desired = desired_from(wishes, setup->profile_, setup->record_, setup->config_, around.environment);
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
  admin.credential.type = admin_;
  tenant_ = std::make_unique<Tenant>(std::move(admin), around_);
  azure_.emplace(Azure{tenant_->http(), tenant_->azure(), tenant_->clock(), profile_.cloud, tenant_->deadline(kTime)});
  auto subscription = find_subscription(*azure_, desired_.subscription);
  if (!subscription) return pass(subscription);
  desired_.subscription = subscription->id;
  desired_.tenant = subscription->tenant;
  return {};
}

Result<FileLock> Setup::lock() {
  if (auto made = make_private_folder(profile_.state_folder); !made) return pass(made);
  return FileLock::take(profile_.state_folder / "setup.lock", std::chrono::seconds(1), tenant_->clock(), tenant_->stop());
}

ProfileText Setup::profile_text(const std::string& client_id, const std::string& vault_url) const {
  ProfileText text;
  text.name = profile_.name;
  text.settings = {{"tenant", desired_.tenant}};
  if (profile_.cloud.name != "global") text.settings.emplace_back("cloud", profile_.cloud.name);
  if (profile_.sandbox) text.settings.emplace_back("sandbox", profile_.sandbox->folder.string());
  if (desired_.graph) text.settings.emplace_back("backend", "graph");
  const std::string file = desired_.credential_file.empty() ? "" : beside_config(desired_.credential_file, config_);
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
  return std::make_unique<Tenant>(std::move(app), around_);
}

std::size_t AppliedSetup::changes() const {
  const auto changed = std::ranges::count_if(
      steps, [](const Step& step) { return step.state == Step::State::create || step.state == Step::State::change; });
  return static_cast<std::size_t>(changed) + (profile.before == profile.after ? 0 : 1);
}

Result<PlannedSetup> plan_setup(Setup& setup) {
  if (auto connected = setup.connect(); !connected) return pass(connected);
  auto actual = survey(setup.azure(), setup.desired());
  if (!actual) return pass(actual);
  PlannedSetup planned;
  planned.plan = make_plan(setup.desired(), *actual, setup.azure().clock.now());
  auto profile = change_of_profile(setup, actual->app ? actual->app->app_id : "?", actual->vault ? actual->vault->url : "?");
  if (!profile) return pass(profile);
  planned.profile = std::move(*profile);
  return planned;
}

Result<AppliedSetup> apply_setup(Setup& setup, const std::function<void(std::string_view)>& say) {
  if (auto connected = setup.connect(); !connected) return pass(connected);
  auto lock = setup.lock();
  if (!lock) return pass(lock);
  if (auto made = make_private_folder(setup.config().parent_path()); !made) return pass(made);
  const ApplyHooks hooks{[&](const Record& record) { return write_setup_record(setup.record_file(), record); }, say};
  auto applied = apply(setup.azure(), setup.desired(), record_of(setup.desired(), setup.record()), hooks);
  if (!applied) return pass(applied);
  AppliedSetup made;
  made.steps = std::move(applied->steps);
  made.tenant = setup.desired().tenant;
  made.subscription = setup.desired().subscription;
  made.vault_url = applied->actual.vault->url;
  made.client_id = applied->actual.app->app_id;
  made.credential_file = setup.desired().credential_file;
  made.consent = std::move(applied->consent);

  // The profile comes before the wait: what follows can be repeated with it.
  auto profile = change_of_profile(setup, made.client_id, made.vault_url);
  if (!profile) return pass(profile);
  made.profile = std::move(*profile);
  if (made.profile.before != made.profile.after) {
    if (auto written = write_config(setup.config(), made.profile.before, made.profile.after); !written) return pass(written);
    crash_point();
  }
  if (auto open = prove_access(setup, made, say); !open) return pass(open);
  made.warnings = make_plan(setup.desired(), applied->actual, setup.azure().clock.now()).warnings;
  return made;
}

Result<ExportedSetup> export_setup(const Setup& setup, const SetupTemplates& wanted) {
  ExportedSetup exported;
  if (auto done = write_templates(wanted.bicep, export_bicep(setup.desired()), exported.files); !done) return pass(done);
  if (auto done = write_templates(wanted.arm, export_arm(setup.desired()), exported.files); !done) return pass(done);
  return exported;
}

Result<DestroyedSetup> destroy_setup(Setup& setup, const SetupRemoval& wanted) {
  if (auto connected = setup.connect(); !connected) return pass(connected);
  setup.desired().grant_me = true;  // so that the survey reads what an earlier --grant-me made, or --backend graph
  setup.desired().graph = setup.desired().graph || !setup.desired().graph_grants.empty();
  auto lock = setup.lock();
  if (!lock) return pass(lock);
  auto actual = survey(setup.azure(), setup.desired());
  if (!actual) return pass(actual);
  auto plan = plan_destroy(setup.azure(), setup.desired(), *actual, wanted.purge);
  if (!plan) return pass(plan);
  if (wanted.agree && !plan->removals.empty()) {
    if (auto agreed = wanted.agree(*plan); !agreed) return pass(agreed);
  }
  for (const auto& one : plan->removals) {
    if (wanted.removing) wanted.removing(one);
    crash_point();
    if (auto gone = carry_out(setup.azure(), setup.desired(), *actual, one); !gone) return pass(gone);
  }
  crash_point();
  // What proves who the app is, is worth nothing now. The profile stays: it holds a person's own settings too.
  const bool app_deleted = std::ranges::find(plan->removals, Removal::Kind::app, &Removal::kind) != plan->removals.end();
  const bool no_app = !actual->app && !actual->app_missing && actual->unmarked_apps.empty() && actual->rival_apps.empty();
  if (setup.desired().credential != AppCredential::federated && (app_deleted || no_app)) {
    if (auto gone = remove_file_durably(setup.desired().credential_file); !gone) return pass(gone);
  }
  crash_point();
  if (auto gone = remove_file_durably(setup.record_file()); !gone) return pass(gone);
  return DestroyedSetup{std::move(*plan)};
}

}  // namespace portalkey
