#include "cli/setup/setup_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/ascii.h"
#include "base/random.h"
#include "provision/firewall_address.h"
#include "provision/names.h"

namespace portalkey {
namespace {

std::string first(std::initializer_list<std::string> candidates) {
  for (const auto& one : candidates) {
    if (!one.empty()) return one;
  }
  return {};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string("unknown-host");
}

Result<std::map<std::string, std::string>> read_tags(const std::vector<std::string>& given) {
  std::map<std::string, std::string> tags;
  for (const auto& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Errc::invalid_input, fmt::format("\"{}\" is not a tag", one), "Write --tags NAME=VALUE.");
    }
    if (one.substr(0, equals) == kMark) {
      return fail(Errc::invalid_input, "the tag portalkey marks what portalkey made", "Choose another name for the tag.");
    }
    tags[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return tags;
}

Result<void> choose_network(const SetupOptions& options, Desired& desired) {
  for (const auto& address : options.allow_ip) {
    if (auto checked = check_firewall_address(address); !checked) return checked;
  }
  if (!options.allow_ip.empty() && !options.network.empty()) {
    return fail(Errc::invalid_input, "--allow-ip and --network say different things", "Use one of them.");
  }
  desired.allowed_addresses = options.allow_ip;
  if (!options.allow_ip.empty()) desired.network = Network::restricted;
  if (options.network == "open") desired.network = Network::open;
  if (options.network == "closed") desired.network = Network::closed;
  return {};
}

Result<void> choose_credential(const SetupOptions& options, const Record& record, const std::string& kind,
                               const Profile& profile, const std::filesystem::path& config, Desired& desired) {
  const auto folder = std::filesystem::absolute(config).parent_path();
  if (kind == "certificate") {
    desired.credential = AppCredential::certificate;
    desired.credential_file = folder / (profile.name + "-client-certificate.pem");
  } else if (kind == "federated") {
    desired.credential = AppCredential::federated;
    desired.federated_issuer = first({options.issuer, record.federated_issuer});
    desired.federated_subject = first({options.subject, record.federated_subject});
    desired.federated_audience = profile.cloud.federated_audience;
    desired.credential_file =
        options.token_file.empty() ? profile.credential.federated_token_file : std::filesystem::absolute(options.token_file);
    if (desired.federated_issuer.empty() || desired.federated_subject.empty()) {
      return fail(Errc::invalid_input, "a federated credential needs to know whose tokens it takes",
                  "Give --issuer and --subject, e.g. https://token.actions.githubusercontent.com and "
                  "repo:ORG/REPO:ref:refs/heads/main.");
    }
  } else {
    desired.credential_file = folder / (profile.name + "-client-secret");
  }
  if (kind != "federated" && !(options.issuer + options.subject + options.token_file).empty()) {
    return fail(Errc::invalid_input, "--issuer, --subject and --token-file belong to --app-credential federated",
                "Add it, or leave them out.");
  }
  return {};
}

}  // namespace

void add_setup_options(Command command, const std::shared_ptr<SetupOptions>& options) {
  auto& o = *options;
  command.option("--tenant", o.tenant, "The tenant, if neither profile nor environment names it (default: the subscription's)");
  command.option("--cloud", o.cloud, "global, usgov, usgov-dod or china (default: the profile's)");
  command.option("--subscription", o.subscription, "Id or name (default: AZURE_SUBSCRIPTION_ID, or the only one there is)");
  command.option("--resource-group", o.resource_group, "Default: portalkey").type_name("NAME");
  command.option("--location", o.location, "Where group and vault are made, e.g. westeurope").type_name("NAME");
  command.option("--vault", o.vault, "The key vault's name (default: a free one is derived)").type_name("NAME");
  command.flag("--recover", o.recover, "Recover a deleted vault that holds the name, with its secrets");
  command.option("--secret-name", o.secret_name, "The secret that keeps the refresh token (default: RefreshToken)")
      .type_name("NAME");
  command.option("--retention-days", o.retention_days, "How long a deleted vault can be recovered: 7 to 90 (default: 90)")
      .within(7, 90);
  command.flag(
      "--purge-protection", [options] { options->purge_protection = true; },
      "Nobody can destroy the vault before its retention is over (default when it is made; can never be undone)");
  command.flag("--no-purge-protection", [options] { options->purge_protection = false; }, "Make the vault without it");
  command
      .option("--allow-ip", o.allow_ip,
              "Only this IPv4 address or range may reach the vault; repeat for more; include this machine's")
      .type_name("CIDR");
  command.option("--network", o.network, "open: from everywhere; closed: private endpoints only").one_of({"open", "closed"});
  command.option("--tags", o.tags, "NAME=VALUE on group and vault; repeat for more").type_name("NAME=VALUE");
  command.option("--app-name", o.app_name, "Name of the app registration (default: portalkey-PROFILE)").type_name("NAME");
  command.option("--app-id", o.app_id, "Use the app registration with this client id").type_name("GUID");
  command.option("--app-credential", o.app_credential, "secret (default), certificate or federated")
      .one_of({"secret", "certificate", "federated"});
  command.option("--issuer", o.issuer, "Federated: who issues the outside tokens").type_name("URL");
  command.option("--subject", o.subject, "Federated: whom they are issued to").type_name("TEXT");
  command.option("--token-file", o.token_file, "Federated: where the outside token lies on this machine").type_name("FILE");
  command.option("--connector-redirect-uri", o.redirect_uris, "Redirect URI of a Power Automate connector; repeat for more")
      .type_name("URI");
  command.flag("--app-roles", o.app_roles, "Define the app roles of portalkey's HTTP service");
  command.option("--role-scope", o.role_scope, "Key Vault Secrets Officer on the vault (default) or on the one secret")
      .one_of({"vault", "secret"});
  command.flag("--grant-me", o.grant_me, "Also give whoever runs this the role Key Vault Secrets Officer on the vault");
}

Result<Desired> desired_from(const SetupOptions& options, const Profile& profile, const Record& record,
                             const std::filesystem::path& config) {
  Desired desired;
  desired.profile = profile.name;
  desired.host = host_name();
  desired.subscription = first({options.subscription, record.subscription, environment("AZURE_SUBSCRIPTION_ID")});
  desired.resource_group = first({options.resource_group, record.resource_group, "portalkey"});
  if (!is_group_name(desired.resource_group)) {
    return fail(
        Errc::invalid_input, "this cannot be a resource group's name",
        "Use 1 to 90 letters, digits, dashes, underscores, dots and parentheses in --resource-group, with no dot at the "
        "end.");
  }
  desired.location = options.location;
  const bool same_group = options.resource_group.empty() || options.resource_group == record.resource_group;
  desired.vault = first({options.vault, same_group ? record.vault : ""});
  if (!desired.vault.empty() && !is_vault_name(desired.vault)) {
    return fail(Errc::invalid_input, fmt::format("\"{}\" cannot be a vault's name", desired.vault),
                "Use 3 to 24 letters, digits and single dashes, beginning with a letter and not ending with a dash.");
  }
  desired.recover = options.recover;
  desired.secret_name = first({options.secret_name, record.secret_name, profile.vault.secret_name});
  if (!std::ranges::all_of(desired.secret_name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; }) ||
      desired.secret_name.size() > 127) {
    return fail(Errc::invalid_input, "a secret's name may hold up to 127 letters, digits and dashes", "Correct --secret-name.");
  }
  desired.retention_days = options.retention_days;
  desired.purge_protection = options.purge_protection;
  if (auto chosen = choose_network(options, desired); !chosen) return pass(chosen);
  auto tags = read_tags(options.tags);
  if (!tags) return pass(tags);
  desired.tags = std::move(*tags);
  desired.app_name = first({options.app_name, record.app_name, "portalkey-" + profile.name});
  desired.app_id =
      first({options.app_id, options.app_name.empty() || options.app_name == record.app_name ? record.app_id : ""});
  desired.app_id_given = !options.app_id.empty();
  if (desired.app_name == record.app_name) desired.making_app_since = record.making_app_since;
  desired.installation =
      record.installation.empty() ? fmt::format("{:08x}", static_cast<std::uint32_t>(Random().next())) : record.installation;
  desired.redirect_uris = options.redirect_uris;
  desired.app_roles = options.app_roles;
  desired.grant_me = options.grant_me;
  desired.graph = profile.backend == Backend::graph;
  std::istringstream grants(record.graph_grants);
  for (std::string id; grants >> id;) desired.graph_grants.push_back(id);
  desired.role_scope = first({options.role_scope, record.role_scope}) == "secret" ? RoleScope::secret : RoleScope::vault;
  if (auto chosen =
          choose_credential(options, record, first({options.app_credential, record.credential}), profile, config, desired);
      !chosen) {
    return pass(chosen);
  }
  return desired;
}

Record record_of(const Desired& desired, Record before) {
  before.subscription = desired.subscription;
  before.resource_group = desired.resource_group;
  if (!desired.vault.empty()) before.vault = desired.vault;
  before.app_name = desired.app_name;
  before.app_id = desired.app_id;
  before.making_app_since = desired.making_app_since;
  before.installation = desired.installation;
  before.federated_issuer = desired.federated_issuer;
  before.federated_subject = desired.federated_subject;
  before.secret_name = desired.secret_name;
  before.role_scope = desired.role_scope == RoleScope::secret ? "secret" : "vault";
  before.credential = desired.credential == AppCredential::secret        ? "secret"
                      : desired.credential == AppCredential::certificate ? "certificate"
                                                                         : "federated";
  return before;
}

}  // namespace portalkey
