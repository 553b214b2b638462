#include "app/tenant/services.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "base/run_program.h"
#include "base/tasks.h"
#include "cli/terminal/passphrase.h"
#include "directory/graph/graph_tokens.h"
#include "entra/credentials/authorized.h"
#include "http/chain.h"
#include "http/local_http.h"
#include "jobs/store/sqlite/tenant_pace.h"
#include "vault/file_store.h"
#include "vault/key_vault.h"

namespace portalkey {
namespace {

constexpr const char* kVaultWriter = "an account that may write to the vault";

Environment process_environment() {
  return {[](const char* name) {
            const char* value = std::getenv(name);
            return value == nullptr ? std::string() : std::string(value);
          },
          [](const char* name) { return take_from_environment(name); }};
}

}  // namespace

CurlOptions wire_of(const Profile& profile) {
  CurlOptions wire;
  if (profile.sandbox) {  // an island: neither the machine's proxies nor its authorities count
    wire.ca_file = profile.sandbox->ca_file;
    wire.loopback_port = profile.sandbox->port;
    return wire;
  }
  wire.extra_ca_files = profile.extra_ca_files;
  wire.proxies = proxy_settings(profile.proxy, [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  });
  return wire;
}

void announce_device_code(const DeviceCode& code, std::string_view who, const Profile& profile) {
  say(harmless(
      fmt::format("Sign in {}: open {} in a web browser and enter the code {}\n", who, code.verification_uri, code.user_code)));
  if (profile.sandbox) {
    say(fmt::format("  (on this sandbox the page is http://127.0.0.1:{}/devicelogin)\n", profile.sandbox->admin_port));
  }
}

std::optional<RedirectPage> Services::open_browser(const std::string& url, std::string_view who) {
  say(fmt::format("Sign in {} in the web browser of this machine, which opens this page:\n  {}\n", who, url));
  auto page = RedirectPage::make(profile_.state_folder, url);
  if (page) {
    const char* variable = std::getenv("BROWSER");
    for (const auto& command : browser_commands(variable == nullptr ? "" : variable, page->url())) {
      if (start_program(command)) return std::move(*page);
    }
  }
  say(fmt::format("  (no browser could be opened{}: open the page yourself)\n", page ? "" : ", for " + page.error().what));
  return std::nullopt;
}

CredentialChoice Services::credential_choice() {
  const bool manager = !profile_.cloud.arm.empty();
  return azure_->choice(manager ? profile_.cloud.arm_resource() : profile_.cloud.vault_resource(), deadline());
}

Services::Services(Profile profile, std::stop_token stop) : profile_(std::move(profile)), stop_(std::move(stop)) {
  http_ = make_retrying(
      make_limited(make_guarded(make_logged(make_curl_http(wire_of(profile_), clock_), clock_), hosts_of(profile_)),
                   InFlightRules{}, clock_),
      RetryRules{}, clock_, random_);
  endpoint_ = std::make_unique<TokenEndpoint>(*http_, profile_.cloud, profile_.tenant, clock_, random_);

  local_http_ = make_logged(make_local_http(clock_, profile_.sandbox ? profile_.sandbox->admin_port : 0), clock_);
  azure_ = choose_credential(
      profile_.credential,
      CredentialTools{.http = *http_,
                      .local_http = *local_http_,
                      .cloud = profile_.cloud,
                      .tenant = profile_.tenant,
                      .clock = clock_,
                      .random = random_,
                      .environment = process_environment(),
                      .run_program = run_program,
                      .announce = [this](const DeviceCode& code) { announce_device_code(code, kVaultWriter, profile_); },
                      .open_browser = [this](const std::string& url) { return open_browser(url, kVaultWriter); },
                      .person_present = [this] { return person_expected_ || stderr_is_terminal(); },
                      .sandbox = profile_.sandbox.has_value()});
  vault_http_ = make_challenge_answering(*http_, *azure_, profile_.cloud.vault_resource());

  std::optional<Escrow::PassphraseSource> escrow_passphrase;
  if (profile_.vault.type == VaultProfile::Type::file) {
    passphrase_ = [this, kept = std::make_shared<Secret>()]() -> Result<Secret> {  // all sealed files share it: ask once
      if (kept->empty()) {
        auto asked = ask_passphrase();
        if (!asked) return pass(asked);
        *kept = std::move(*asked);
      }
      return kept->clone();
    };
    store_ = make_file_store(profile_.vault.path, passphrase_, clock_, profile_.vault.keep_versions,
                             OldCopyWatch{profile_.state_folder / "vault.seen", [this](const Error& found) {
                                            old_copy_ = found;
                                            warn(found.what + ". " + found.remedy);
                                          }});
    escrow_passphrase = passphrase_;
  } else {
    store_ = make_key_vault(
        {profile_.vault.url}, *vault_http_,
        [this](const Deadline& deadline) { return azure_->access_token(profile_.cloud.vault_resource(), deadline); }, clock_);
  }

  session_ = std::make_unique<Session>(
      SessionSettings{profile_.name, profile_.client_id, profile_.portal_resource, profile_.vault.secret_name,
                      profile_.state_folder, profile_.vault.keep_versions, profile_.service_account},
      *endpoint_, *store_, Escrow(escrow_file(), escrow_passphrase), clock_);
  portal_ = std::make_unique<PortalApi>(
      *http_, profile_.cloud.portal_api,
      [this](const Secret* refused, const Deadline& deadline) { return portal_token(refused, deadline); }, clock_, random_);
  if (profile_.backend == Backend::graph) {
    tokens_ = std::make_unique<GraphTokens>(*http_, *azure_, profile_.cloud.graph, clock_);
  } else {
    tokens_ = std::make_unique<PortalTokens>(*portal_);
  }
}

Result<Secret> Services::ask_passphrase() {
  const auto vault = file_exists(profile_.vault.path), key = file_exists(journal_key_file());
  if (!vault) return std::unexpected(vault.error());
  if (!key) return std::unexpected(key.error());
  // Graph needs no session, so there the journal's key may be all that the passphrase seals.
  const bool fresh = !*vault && !(profile_.backend == Backend::graph && *key);
  auto passphrase = read_passphrase(profile_.vault.passphrase_file, fresh);
  if (!passphrase) return passphrase;
  const auto weakness = weakness_of(*passphrase);
  if (weakness.empty()) return passphrase;
  constexpr const char* kWhy = "whoever gets a copy of the file can try passphrases for as long as they like";
  if (fresh) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the passphrase is too weak for a new vault file: {}", weakness),
                                 fmt::format("Choose a longer one, say five words taken at random: {}.", kWhy),
                                 {{"file", profile_.vault.path.string()}}});
  }
  warn(fmt::format("the vault file's passphrase is weak: {}; {}", weakness, kWhy));
  return passphrase;
}

Result<std::unique_ptr<JobStore>> Services::jobs() {
  std::optional<std::function<Result<Secret>()>> passphrase;
  if (passphrase_) passphrase = passphrase_;
  return open_job_store(jobs_folder(), std::move(passphrase), clock_);
}

Result<std::unique_ptr<ActivationPace>> Services::pace() {
  const ActivationLimit limit{profile_.activations, profile_.activation_window};
  if (limit.count == 0) return std::make_unique<OwnPace>(limit, clock_);
  if (auto store = jobs(); !store) return pass(store);  // which makes the file
  return open_tenant_pace(jobs_folder(), profile_.tenant, limit, clock_);
}

Result<void> Services::check_files() const {
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

Result<void> Services::unlock_vault() {
  if (!passphrase_) return {};
  auto known = passphrase_();
  if (!known) return pass(known);
  return {};
}

Result<Secret> Services::passphrase() {
  if (passphrase_) return passphrase_();
  return fail(Errc::invalid_input, "this profile's vault is Azure Key Vault: no passphrase seals its files");
}

std::unique_ptr<PortalApi> Services::portal_with(const Secret& access_token) {
  auto shared = std::make_shared<Secret>(access_token.clone());
  return std::make_unique<PortalApi>(
      *http_, profile_.cloud.portal_api, [shared](const Secret*, const Deadline&) -> Result<Secret> { return shared->clone(); },
      clock_, random_);
}

Result<Secret> Services::portal_token(const Secret* refused, const Deadline& deadline) {
  // One rotation at a time, and those who waited for it share what it brought.
  while (renewing_) {
    if (!Tasks::here()->wait(deadline.at, deadline.stop, [this] { return !renewing_; }))
      return fail(Errc::unavailable, "no time was left to wait for an access token", "Try again.");
  }
  const auto current = [&] {
    return refused == nullptr || refused->reveal([&](std::string_view old) {
      return access_->access_token.reveal([&](std::string_view kept) { return old != kept; });
    });
  };
  const bool usable = access_ && current();
  if (!usable || clock_.steady_now() >= access_->renew_at) {
    renewing_ = true;
    auto access = session_->refresh(deadline);
    renewing_ = false;
    const bool passing = !access && (access.error().code == Errc::unavailable || access.error().code == Errc::throttled);
    if (passing && usable && clock_.steady_now() < access_->ends) return access_->access_token.clone();  // still good
    if (!access) return pass(access);
    if (access->not_stored) {
      warn(
          fmt::format("the vault did not take the new refresh token ({}); it is safe in the escrow, and the next run stores it",
                      access->not_stored->what));
    }
    access_ = std::move(*access);
  }
  return access_->access_token.clone();
}

}  // namespace portalkey
