#include "app/operations/examine.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/profile/wire.h"
#include "base/percent_encoding.h"
#include "base/time_text.h"
#include "directory/graph/graph_tokens.h"
#include "doctor/files_check.h"
#include "doctor/graph_check.h"
#include "doctor/host_check.h"
#include "doctor/session_check.h"
#include "vault/key_vault.h"

namespace portalkey {
namespace {

std::vector<WatchedFile> files_of(const Profile& profile, const Environment& environment) {
  std::vector<WatchedFile> files;
  const auto add = [&](const std::filesystem::path& path, const char* role, bool secret = true, bool required = true) {
    if (!path.empty()) files.push_back({path, role, secret, required});
  };
  add(profile.file, "the config file",
      profile.proxy.contains('@') || profile.alert.webhook);  // then something secret stands in it
  add(profile.credential.client_secret_file, "the client secret");
  add(profile.credential.client_certificate_file, "the client certificate and its key");
  add(profile.credential.client_certificate_password_file, "the certificate's password");
  add(environment.variable("AZURE_CLIENT_CERTIFICATE_PATH"), "the client certificate and its key");
  add(profile.credential.federated_token_file, "the federated token", false);  // the platform decides its mode
  if (profile.vault.type == VaultProfile::Type::file) {
    add(profile.vault.path, "the vault file", true, false);
    add(profile.vault.passphrase_file, "the vault file's passphrase");
    add(environment.variable("PORTALKEY_PASSPHRASE_FILE"), "the vault file's passphrase");
  }
  for (const auto& ca_file : profile.extra_ca_files) add(ca_file, "extra certificate authorities", false);
  return files;
}

std::vector<HostToProbe> hosts_to_probe(const Profile& profile, bool all) {
  const bool key_vault = profile.vault.type == VaultProfile::Type::key_vault;
  std::vector<HostToProbe> hosts{{profile.cloud.authority,
                                  fmt::format("/{}/v2.0/.well-known/openid-configuration", percent_encode(profile.tenant)),
                                  "sign-in"}};
  const bool graph = profile.backend == Backend::graph;
  if (key_vault && !graph) hosts.push_back({std::string(profile.vault.url.host()), "/secrets?api-version=7.5", "the vault"});
  if (!graph) hosts.push_back({profile.cloud.portal_api, "/qos", "the portal API"});
  if (graph) hosts.push_back({profile.cloud.graph, "/v1.0/me", "hardware OATH tokens (Microsoft Graph)"});
  if (all && !profile.cloud.arm.empty())
    hosts.push_back({profile.cloud.arm, "/subscriptions?api-version=2022-12-01", "[[set-up]] (Azure Resource Manager)"});
  if (all && !graph && !profile.cloud.graph.empty())
    hosts.push_back({profile.cloud.graph, "/v1.0/me", "[[set-up]] (Microsoft Graph)"});
  return hosts;
}

class Examination {
 public:
  Examination(Tenant& tenant, const ExamineOptions& options) : tenant_(tenant), options_(options) {}

  Findings run() {
    check_files();
    check_hosts();
    if (profile().backend == Backend::graph) {
      check_graph();
      return std::move(findings_);
    }
    if (profile().vault.type == VaultProfile::Type::file) {
      add({"credential", Outcome::ok, "none needed: the vault is a file", ""});
    } else {
      check_credential("vault token", profile().cloud.vault_resource());
    }
    check_vault();
    if (options_.redeem) redeem();
    return std::move(findings_);
  }

 private:
  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  void add(Findings several) {
    for (auto& one : several) add(std::move(one));
  }
  Deadline soon() const { return tenant_.deadline(std::chrono::seconds(10)); }
  const Profile& profile() const { return tenant_.profile(); }

  void check_files() {
    add({"profile", Outcome::ok,
         fmt::format("{}{}: tenant {}, cloud {}", profile().name,
                     profile().file.empty() ? "" : " from " + profile().file.string(), profile().tenant, profile().cloud.name),
         ""});
    if (tenant_.environment().variable("HOME").empty()) {
      add({"HOME", Outcome::warning,
           fmt::format("is not set: the config file is looked for below /etc/portalkey, the state is kept in {}",
                       profile().state_folder.string()),
           "Set HOME, as cron and systemd do for a user; or set state_dir in the profile."});
    }
    for (const auto& file : files_of(profile(), tenant_.environment())) add(check_file(file));
    add(check_state_folder(profile().state_folder, tenant_.clock()));
  }

  void check_hosts() {
    const auto hosts = hosts_to_probe(profile(), options_.all_hosts);
    const auto wire = wire_of(profile(), tenant_.environment());
    add(describe_proxy(hosts, wire));
    const auto reports = probe_hosts(hosts, wire, tenant_.clock(), tenant_.stop());
    for (const auto& report : reports) {
      add(judge_host(report, tenant_.clock().now()));
      if (report.failure) unreachable_.emplace_back(report.asked.host);
    }
    add(judge_clock(reports));
    check_tenant(reports.front());
  }

  void check_tenant(const HostReport& sign_in) {
    if (sign_in.failure || sign_in.status >= 500) return add(not_checked("tenant", sign_in.asked.host + " did not answer"));
    if (sign_in.status == 200) return add({"tenant", Outcome::ok, profile().tenant, ""});
    add({"tenant", Outcome::failure, fmt::format("{} knows no tenant {}", sign_in.asked.host, profile().tenant),
         "Check tenant and cloud in the profile."});
  }

  bool reachable(const std::string& host) const { return std::ranges::find(unreachable_, host) == unreachable_.end(); }

  /// No session and no vault is in the way of the Graph backend.
  void check_graph() {
    constexpr const char* kToken = "Graph token";
    const auto all_unchecked = [&](std::string_view why) {
      for (const char* check : {"Graph devices", "Graph methods", "Graph users", "Graph API"}) add(not_checked(check, why));
    };
    check_credential(kToken, profile().cloud.graph_resource());
    if (!no_token_.empty()) return all_unchecked(no_token_);
    auto token = tenant_.azure().access_token(profile().cloud.graph_resource(), soon());
    auto claims = token ? read_claims(*token) : Result<AccessTokenClaims>(pass(token));
    if (!claims) return all_unchecked(claims.error().what);
    add(judge_graph_permissions(*claims));
    GraphTokens tokens(tenant_.http(), tenant_.azure(), profile().cloud.graph, tenant_.clock());
    if (auto answered = tokens.probe(soon()); !answered) return add(failed("Graph API", answered.error()));
    add({"Graph API", Outcome::ok, fmt::format("{} shows its hardware OATH tokens", profile().cloud.graph), ""});
  }

  /// Sets no_token_ if there is none for `resource`. `check`: the finding's name.
  void check_credential(const char* check, const std::string& resource) {
    if (!reachable(profile().cloud.authority)) {
      no_token_ = profile().cloud.authority + " cannot be reached";
      add(not_checked("credential", no_token_));
      add(not_checked(check, no_token_));
      return;
    }
    const CredentialChoice choice = tenant_.credential_choice();
    std::string passed_over;
    for (const auto& [type, why] : choice.passed_over)
      passed_over += fmt::format("{}{} ({})", passed_over.empty() ? "" : ", ", type, why);
    if (choice.chosen.empty()) {
      no_token_ = "no credential fits";
      add({"credential", Outcome::failure, fmt::format("none fits: {}", passed_over),
           "Write [profile.NAME.credential], or set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET."});
      add(not_checked(check, no_token_));
      return;
    }
    const bool person = choice.chosen == "device_code" || choice.chosen == "browser";
    add({"credential", person ? Outcome::warning : Outcome::ok,
         fmt::format("{}: {}{}", choice.chosen, tenant_.azure().description(),
                     passed_over.empty() ? "" : fmt::format("; passed over: {}", passed_over)),
         person ? "Unattended runs need a credential that asks nobody: see docs/profiles.md." : ""});
    if (person) {
      no_token_ = "somebody would have to sign in";
      add(not_checked(check, no_token_));
      return;
    }
    auto token = tenant_.azure().access_token(resource, soon());
    if (token) {
      add({check, Outcome::ok, fmt::format("Entra gives one for {}", resource), ""});
      return;
    }
    no_token_ = "there is no access token for it";
    add(failed(check, token.error()));
  }

  void check_vault() {
    std::unique_ptr<SecretStore> own;
    SecretStore* store = &tenant_.store();
    if (profile().vault.type == VaultProfile::Type::key_vault) {
      const std::string host(profile().vault.url.host());
      const std::string reason = !reachable(host) ? host + " cannot be reached" : no_token_;
      if (!reason.empty()) return without_vault(reason);
      KeyVaultOptions looking_only{profile().vault.url};
      looking_only.recover_deleted = false;
      own = make_key_vault(
          looking_only, tenant_.http(),
          [this](const Deadline& deadline) { return tenant_.azure().access_token(profile().cloud.vault_resource(), deadline); },
          tenant_.clock());
      store = own.get();
    }
    auto got = store->get(profile().vault.secret_name, soon());
    if (const auto old = tenant_.old_copy()) {
      Finding finding = failed("vault file", *old);
      finding.outcome = Outcome::warning;
      add(std::move(finding));
    }
    if (!got) {
      add(failed("vault read", got.error()));
      check_versions(*store);
      add(not_checked("vault write", "the secret could not be read"));
      return without_session("the secret could not be read");
    }
    add({"vault read", Outcome::ok,
         fmt::format("{} in {}, version {}", profile().vault.secret_name, store->place(), got->version.id), ""});
    check_versions(*store);
    SessionStatus status = describe_session(got->version, tenant_.clock().now());
    status.learnt_mfa_age = learnt_mfa_age(profile().state_folder);
    add({"vault write", Outcome::ok,
         status.host.empty()
             ? "not tried; the latest version was written by another tool"
             : fmt::format("not tried; portalkey on {} wrote the latest version at {}", status.host, iso_time(status.stored)),
         ""});
    add(judge_session(status, profile().service_account, tenant_.clock().now()));
    add(judge_sign_in(clocks_of(status, profile().mfa_age, tenant_.clock().now()), profile().alert.notice));
    if (!options_.redeem) add(judge_roles(status.roles, "as of the last rotation"));
  }

  void check_versions(SecretStore& store) {
    auto versions = store.versions(profile().vault.secret_name, soon());
    if (versions) return add(judge_versions(*versions));
    if (versions.error().code == Errc::not_found) return add({"vault versions", Outcome::ok, "none", ""});
    Finding finding = failed("vault versions", versions.error());
    finding.outcome = Outcome::warning;  // a session lives without: older versions then stay enabled
    add(std::move(finding));
  }

  void without_vault(std::string_view reason) {
    for (const char* check : {"vault read", "vault versions", "vault write"}) add(not_checked(check, reason));
    without_session("the vault could not be read");
  }

  void without_session(std::string_view reason) {
    no_session_ = reason;
    for (const char* check : {"refresh token", "account", "schedule"}) add(not_checked(check, reason));
    if (!options_.redeem) add(not_checked("role", reason));
  }

  /// A real rotation, then one harmless call.
  void redeem() {
    if (!no_session_.empty()) {
      for (const char* check : {"redeemed", "portal API", "role"}) add(not_checked(check, no_session_));
      return;
    }
    auto access = tenant_.session().refresh(tenant_.deadline(std::chrono::seconds(60)));
    if (!access) {
      add(failed("redeemed", access.error()));
      for (const char* check : {"portal API", "role"}) add(not_checked(check, "the refresh token was not accepted"));
      return;
    }
    if (access->not_stored) {
      Finding finding = failed("redeemed", *access->not_stored);
      finding.what =
          "Entra took the refresh token, but its successor could not be stored (it waits in the escrow): " + finding.what;
      add(std::move(finding));
    } else {
      add({"redeemed", Outcome::ok, fmt::format("Entra took it; its successor is version {}", access->vault_version), ""});
    }
    PortalCall call;
    call.path = "/api/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter=";
    auto answer = tenant_.portal_with(access->access_token)->call(std::move(call), soon());
    if (answer) {
      add({"portal API", Outcome::ok,
           fmt::format("{} answers {} as {}", profile().cloud.portal_api, answer->status, access->claims.account), ""});
    } else {
      add(failed("portal API", answer.error()));
    }
    std::string roles;
    for (const auto& role : access->claims.roles) roles += (roles.empty() ? "" : ", ") + role_name(role);
    Finding role = judge_roles(roles, "by the access token");
    if (roles.empty()) {
      role = {"role", Outcome::warning, "the access token names no directory role",
              "If the portal API refuses, assign Global Administrator to the service account."};
    }
    add(std::move(role));
  }

  Tenant& tenant_;
  const ExamineOptions& options_;
  Findings findings_;
  std::vector<std::string> unreachable_;
  std::string no_token_, no_session_;  // why there is none; empty: there is one
};

}  // namespace

Findings examine(Tenant& tenant, const ExamineOptions& options) { return Examination(tenant, options).run(); }

Findings no_profile_to_examine(const Error& why) {
  Findings findings{failed("profile", why)};
  findings.push_back(not_checked("everything else", "there is no profile to check"));
  return findings;
}

}  // namespace portalkey
