#include "app/tenant/tenant.h"

#include <fmt/format.h>

#include "app/profile/wire.h"
#include "base/ascii.h"
#include "base/files.h"
#include "base/log.h"
#include "base/run_program.h"
#include "directory/graph/graph_tokens.h"
#include "directory/portal/portal_tokens.h"
#include "entra/credentials/authorized.h"
#include "http/chain.h"
#include "http/local_http.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "jobs/store/sqlite/tenant_pace.h"
#include "vault/file_store.h"
#include "vault/key_vault.h"

namespace portalkey {
namespace {

constexpr const char* kVaultWriter = "an account that may write to the vault";

/// Somebody else's Http, as one's own.
class Lent final : public Http {
 public:
  explicit Lent(Http& http) : http_(http) {}
  Result<Response> send(const Request& request, const Deadline& deadline) override { return http_.send(request, deadline); }

 private:
  Http& http_;
};

}  // namespace

Tenant::Tenant(Profile profile, Surroundings surroundings)
    : profile_(std::move(profile)),
      around_(std::move(surroundings)),
      own_clock_(around_.clock == nullptr ? std::make_unique<SystemClock>() : nullptr),
      clock_(around_.clock == nullptr ? *own_clock_ : *around_.clock) {
  const auto wire = [&](auto make) -> std::unique_ptr<Http> {
    if (around_.network != nullptr) return std::make_unique<Lent>(*around_.network);
    return make();
  };
  http_ = make_retrying(
      make_limited(
          make_guarded(
              make_logged(wire([&] { return make_curl_http(wire_of(profile_, around_.environment), clock_); }), clock_),
              hosts_of(profile_)),
          InFlightRules{}, clock_),
      RetryRules{}, clock_, pauses_);
  local_http_ =
      make_logged(wire([&] { return make_local_http(clock_, profile_.sandbox ? profile_.sandbox->admin_port : 0); }), clock_);
  endpoint_ = std::make_unique<TokenEndpoint>(*http_, profile_.cloud, profile_.tenant, clock_, random_);
  wire_credential();
  wire_vault();
  session_ = std::make_unique<Session>(
      SessionSettings{profile_.name, profile_.client_id, profile_.portal_resource, profile_.vault.secret_name,
                      profile_.state_folder, profile_.vault.keep_versions, profile_.service_account},
      *endpoint_, *store_, Escrow(escrow_file(), passphrase_source()), clock_);
  session_credential_ = std::make_unique<SessionCredential>(
      *session_,
      [this](const Error& why) {
        interaction().warn(fmt::format(
            "the vault did not take the new refresh token ({}); it is safe in the escrow, and the next run stores it",
            why.what));
      },
      clock_);
  portal_ = std::make_unique<PortalApi>(
      *http_, profile_.cloud.portal_api,
      [this](const Secret* refused, const Deadline& deadline) {
        const auto& resource = profile_.portal_resource;
        return refused == nullptr ? session_credential_->access_token(resource, deadline)
                                  : session_credential_->answer_challenge(resource, *refused, {}, deadline);
      },
      clock_, random_);
}

Tenant::~Tenant() = default;

std::unique_ptr<Http> Tenant::wire_to(const std::string& host) {
  std::unique_ptr<Http> wire = around_.network != nullptr ? std::unique_ptr<Http>(std::make_unique<Lent>(*around_.network))
                                                          : make_curl_http(wire_of(profile_, around_.environment), clock_);
  RetryRules rules;
  rules.attempts = 3;
  return make_retrying(make_guarded(std::move(wire), {host}), rules, clock_, pauses_);
}

void Tenant::wire_credential() {
  azure_ = choose_credential(
      profile_.credential,
      CredentialTools{
          .http = *http_,
          .local_http = *local_http_,
          .cloud = profile_.cloud,
          .tenant = profile_.tenant,
          .clock = clock_,
          .random = random_,
          .environment = around_.environment,
          .run_program = run_program,
          .announce = [this](const DeviceCode& code) { return interaction().show_device_code(code, sign_in_as(kVaultWriter)); },
          .open_browser = [this](const SignInPage& page) { return interaction().open_browser(page, sign_in_as(kVaultWriter)); },
          .person_present = [this] { return interaction().somebody_there(); },
          .sandbox = profile_.sandbox.has_value()});
}

void Tenant::wire_vault() {
  vault_http_ = make_challenge_answering(*http_, *azure_, profile_.cloud.vault_resource());
  if (profile_.vault.type == VaultProfile::Type::key_vault) {
    store_ = make_key_vault(
        {profile_.vault.url}, *vault_http_,
        [this](const Deadline& deadline) { return azure_->access_token(profile_.cloud.vault_resource(), deadline); }, clock_);
    return;
  }
  // Graph needs no session, so there the journal's key may be all that the passphrase seals.
  passphrase_ = std::make_unique<VaultPassphrase>(
      SealedFiles{profile_.vault.path, journal_key_file(), profile_.vault.passphrase_file, profile_.backend != Backend::graph},
      around_.environment, around_.interaction);
  store_ = make_file_store(profile_.vault.path, *passphrase_source(), clock_, profile_.vault.keep_versions,
                           OldCopyWatch{profile_.state_folder / "vault.seen", [this](const Error& found) {
                                          {
                                            const std::lock_guard turn(mutex_);
                                            old_copy_ = found;
                                          }
                                          interaction().warn(found.what + ". " + found.remedy);
                                        }});
}

std::optional<std::function<Result<Secret>()>> Tenant::passphrase_source() {
  if (!passphrase_) return std::nullopt;
  return [this] { return passphrase_->get(); };
}

CredentialChoice Tenant::credential_choice() {
  const bool manager = !profile_.cloud.arm.empty();
  return azure_->choice(manager ? profile_.cloud.arm_resource() : profile_.cloud.vault_resource(), deadline());
}

SignIn Tenant::sign_in_as(std::string who) const {
  return {std::move(who), profile_.state_folder, profile_.sandbox ? profile_.sandbox->admin_port : std::uint16_t{0}};
}

std::unique_ptr<TokenDirectory> Tenant::open_tokens() {
  if (profile_.backend == Backend::graph) return std::make_unique<GraphTokens>(*http_, *azure_, profile_.cloud.graph, clock_);
  return std::make_unique<PortalTokens>(*portal_);
}

// Source: learn.microsoft.com/graph/api/resources/hardwareoathtokenauthenticationmethoddevice, "national cloud deployments".
bool Tenant::has_graph_tokens() const {
  return !profile_.cloud.graph.empty() && (profile_.cloud.name == "global" || !find_cloud(profile_.cloud.name));
}

std::unique_ptr<TokenDirectory> Tenant::open_tokens_that_move() {
  return std::make_unique<GraphTokens>(*http_, *azure_, profile_.cloud.graph, clock_, GraphTokens::Uploaded::move);
}

std::unique_ptr<TokenDirectory> Tenant::open_portal_tokens() { return std::make_unique<PortalTokens>(*portal_); }

Result<std::unique_ptr<JobStore>> Tenant::jobs() { return open_job_store(jobs_folder(), passphrase_source(), clock_); }

Result<std::unique_ptr<JobStore>> Tenant::jobs_if_any() {
  std::error_code ignored;
  if (!std::filesystem::exists(jobs_folder() / "jobs.db", ignored)) return nullptr;
  return jobs();
}

Result<TakenTokens> Tenant::taken_away() {
  auto store = jobs_if_any();
  if (!store) return pass(store);
  if (*store == nullptr) return TakenTokens();
  return (*store)->taken_away(profile_.tenant);
}

Result<std::filesystem::path> Tenant::pace_folder(std::string_view tenant_id) {
  const auto common = profile_.common_folder / fmt::format("{}-{}", profile_.cloud.name, tenant_id);
  auto made = make_private_folder(common);
  if (made) made = check_private_folder(common);
  if (made) return common;
  log(LogLevel::info, fmt::format("the limit on activations is this profile's alone: {}", made.error().what));
  if (auto own = make_private_folder(jobs_folder()); !own) return pass(own);
  return jobs_folder();
}

Result<std::unique_ptr<ActivationPace>> Tenant::pace() {
  const ActivationLimit limit{profile_.activations, profile_.activation_window};
  if (limit.count == 0) return std::make_unique<OwnPace>(limit, clock_);
  auto tenant = endpoint_->tenant_id(deadline());  // profiles may name it by different domains
  if (!tenant) return pass(tenant);
  const std::string id = lower(*tenant);
  auto folder = pace_folder(id);
  if (!folder) return pass(folder);
  return open_tenant_pace(*folder, id, limit, clock_);
}

Result<void> Tenant::check_files() const {
  std::vector<std::filesystem::path> own;
  for (const char* name : {"session.lock", "escrow.sealed", "escrow.sealed.key"}) own.push_back(profile_.state_folder / name);
  if (profile_.vault.type == VaultProfile::Type::file) {
    if (auto fine = judge_file(profile_.vault.path, FileUse::secret); !fine) return fine;
    own.emplace_back(profile_.vault.path.string() + ".lock");
  }
  for (const auto& file : own) {
    if (auto fine = judge_file(file, FileUse::secret, LastLink::kept); !fine) return fine;
  }
  return {};
}

Result<void> Tenant::unlock_vault() {
  if (!passphrase_) return {};
  auto known = passphrase_->get();
  if (!known) return pass(known);
  return {};
}

Result<Secret> Tenant::passphrase() {
  if (passphrase_) return passphrase_->get();
  return fail(Errc::invalid_input, "this profile's vault is Azure Key Vault: no passphrase seals its files");
}

std::optional<Error> Tenant::old_copy() const {
  const std::lock_guard turn(mutex_);
  return old_copy_;
}

std::unique_ptr<PortalApi> Tenant::portal_with(const Secret& access_token) {
  auto shared = std::make_shared<Secret>(access_token.clone());
  return std::make_unique<PortalApi>(
      *http_, profile_.cloud.portal_api, [shared](const Secret*, const Deadline&) -> Result<Secret> { return shared->clone(); },
      clock_, random_);
}

}  // namespace portalkey
