#include "app/operations/setup_wishes.h"

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

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string("unknown-host");
}

Result<std::map<std::string, std::string>> read_tags(const std::vector<std::string>& given) {
  std::map<std::string, std::string> tags;
  for (const auto& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Errc::invalid_input, fmt::format("\"{}\" is not a tag", one), "Write [[setting|tags|NAME=VALUE]].");
    }
    if (one.substr(0, equals) == kMark) {
      return fail(Errc::invalid_input, "the tag portalkey marks what portalkey made", "Choose another name for the tag.");
    }
    tags[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return tags;
}

Result<void> choose_network(const SetupWishes& wishes, Desired& desired) {
  for (const auto& address : wishes.allow_ip) {
    if (auto checked = check_firewall_address(address); !checked) return checked;
  }
  if (!wishes.allow_ip.empty() && !wishes.network.empty()) {
    return fail(Errc::invalid_input, "[[setting|allow-ip]] and [[setting|network]] say different things", "Use one of them.");
  }
  desired.allowed_addresses = wishes.allow_ip;
  if (!wishes.allow_ip.empty()) desired.network = Network::restricted;
  if (wishes.network == "open") desired.network = Network::open;
  if (wishes.network == "closed") desired.network = Network::closed;
  return {};
}

Result<void> choose_credential(const SetupWishes& wishes, const Record& record, const std::string& kind, const Profile& profile,
                               const std::filesystem::path& config, Desired& desired) {
  const auto folder = std::filesystem::absolute(config).parent_path();
  if (kind == "certificate") {
    desired.credential = AppCredential::certificate;
    desired.credential_file = folder / (profile.name + "-client-certificate.pem");
  } else if (kind == "federated") {
    desired.credential = AppCredential::federated;
    desired.federated_issuer = first({wishes.issuer, record.federated_issuer});
    desired.federated_subject = first({wishes.subject, record.federated_subject});
    desired.federated_audience = profile.cloud.federated_audience;
    desired.credential_file =
        wishes.token_file.empty() ? profile.credential.federated_token_file : std::filesystem::absolute(wishes.token_file);
    if (desired.federated_issuer.empty() || desired.federated_subject.empty()) {
      return fail(Errc::invalid_input, "a federated credential needs to know whose tokens it takes",
                  "Give [[setting|issuer]] and [[setting|subject]], e.g. https://token.actions.githubusercontent.com and "
                  "repo:ORG/REPO:ref:refs/heads/main.");
    }
  } else {
    desired.credential_file = folder / (profile.name + "-client-secret");
  }
  if (kind != "federated" && !(wishes.issuer + wishes.subject + wishes.token_file).empty()) {
    return fail(Errc::invalid_input,
                "[[setting|issuer]], [[setting|subject]] and [[setting|token-file]] belong to "
                "[[setting|app-credential|federated]]",
                "Add it, or leave them out.");
  }
  return {};
}

}  // namespace

Result<Desired> desired_from(const SetupWishes& wishes, const Profile& profile, const Record& record,
                             const std::filesystem::path& config, const Environment& environment) {
  Desired desired;
  desired.profile = profile.name;
  desired.host = host_name();
  desired.subscription = first({wishes.subscription, record.subscription, environment.variable("AZURE_SUBSCRIPTION_ID")});
  desired.resource_group = first({wishes.resource_group, record.resource_group, "portalkey"});
  if (!is_group_name(desired.resource_group)) {
    return fail(Errc::invalid_input, "this cannot be a resource group's name",
                "Use 1 to 90 letters, digits, dashes, underscores, dots and parentheses in [[setting|resource-group]], with no "
                "dot at the "
                "end.");
  }
  desired.location = wishes.location;
  const bool same_group = wishes.resource_group.empty() || wishes.resource_group == record.resource_group;
  desired.vault = first({wishes.vault, same_group ? record.vault : ""});
  if (!desired.vault.empty() && !is_vault_name(desired.vault)) {
    return fail(Errc::invalid_input, fmt::format("\"{}\" cannot be a vault's name", desired.vault),
                "Use 3 to 24 letters, digits and single dashes, beginning with a letter and not ending with a dash.");
  }
  desired.recover = wishes.recover;
  desired.secret_name = first({wishes.secret_name, record.secret_name, profile.vault.secret_name});
  if (!std::ranges::all_of(desired.secret_name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; }) ||
      desired.secret_name.size() > 127) {
    return fail(Errc::invalid_input, "a secret's name may hold up to 127 letters, digits and dashes",
                "Correct [[setting|secret-name]].");
  }
  desired.retention_days = wishes.retention_days;
  desired.purge_protection = wishes.purge_protection;
  if (auto chosen = choose_network(wishes, desired); !chosen) return pass(chosen);
  auto tags = read_tags(wishes.tags);
  if (!tags) return pass(tags);
  desired.tags = std::move(*tags);
  desired.app_name = first({wishes.app_name, record.app_name, "portalkey-" + profile.name});
  desired.app_id = first({wishes.app_id, wishes.app_name.empty() || wishes.app_name == record.app_name ? record.app_id : ""});
  desired.app_id_given = !wishes.app_id.empty();
  if (desired.app_name == record.app_name) desired.making_app_since = record.making_app_since;
  desired.installation =
      record.installation.empty() ? fmt::format("{:08x}", static_cast<std::uint32_t>(Random().next())) : record.installation;
  desired.redirect_uris = wishes.redirect_uris;
  desired.app_roles = wishes.app_roles;
  desired.grant_me = wishes.grant_me;
  desired.graph = profile.backend == Backend::graph;
  std::istringstream grants(record.graph_grants);
  for (std::string id; grants >> id;) desired.graph_grants.push_back(id);
  desired.role_scope = first({wishes.role_scope, record.role_scope}) == "secret" ? RoleScope::secret : RoleScope::vault;
  if (auto chosen =
          choose_credential(wishes, record, first({wishes.app_credential, record.credential}), profile, config, desired);
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
