#include "app/profile/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "app/profile/config_toml.h"
#include "base/ascii.h"
#include "base/files.h"
#include "base/remedy.h"
#include "http/proxy.h"
#include "vault/version_history.h"

namespace portalkey {
namespace {

constexpr const char* kNoHome = "/var/lib/portalkey";

/// The host in `https://login.microsoftonline.us/` or the bare host, as the SDKs accept it; empty if it is neither.
std::string host_given(const std::string& text) {
  const Url url(text.contains("://") ? text : "https://" + text);
  return url.target() == "/" ? std::string(url.host()) : std::string();
}

std::filesystem::path home_folder(const Environment& environment, const char* xdg, const char* below_home,
                                  const char* without_home) {
  if (const auto set = environment.variable(xdg); set.starts_with('/')) return std::filesystem::path(set) / "portalkey";
  if (const auto home = environment.variable("HOME"); !home.empty())
    return std::filesystem::path(home) / below_home / "portalkey";
  return without_home;
}

/// Reads typed values out of a table and afterwards names what nobody asked for.
class Settings {
 public:
  Settings(const toml::table& table, std::string name, const std::filesystem::path& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  std::string text(std::string_view key, std::string otherwise = {}) {
    return value<std::string>(key, "text in quotes").value_or(std::move(otherwise));
  }
  std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
    const auto found = value<std::int64_t>(key, "a whole number");
    if (found && (*found < least || *found > most)) {
      complain(*table_.get(key), fmt::format("{}.{} must be from {} to {}", name_, key, least, most));
    }
    return found.value_or(otherwise);
  }
  const toml::table* table(std::string_view key) {
    known_.emplace_back(key);
    const auto* node = table_.get(key);
    if (node != nullptr && !node->is_table()) complain(*node, fmt::format("{}.{} must be a table", name_, key));
    return node == nullptr ? nullptr : node->as_table();
  }

  Result<void> finish() {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(known_, key.str()) == known_.end() && !problem_) {
        std::string names;
        for (const auto& known : known_) names += (names.empty() ? "" : ", ") + known;
        problem_ = bad_setting(file_, key.source(), fmt::format("{} has no setting \"{}\"", name_, key.str()),
                               "Known settings: " + names + ".");
      }
    }
    if (problem_) return *problem_;
    return {};
  }

 private:
  template <class T>
  std::optional<T> value(std::string_view key, std::string_view wanted) {
    known_.emplace_back(key);
    const auto* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    auto found = node->value_exact<T>();
    if (!found) complain(*node, fmt::format("{}.{} must be {}", name_, key, wanted));
    return found;
  }
  void complain(const toml::node& node, std::string what) {
    if (!problem_) problem_ = bad_setting(file_, node.source(), std::move(what), "Correct the setting.");
  }

  const toml::table& table_;
  std::string name_;
  std::filesystem::path file_;
  std::vector<std::string> known_;
  std::optional<std::unexpected<Error>> problem_;
};

/// A config file that is read, and where it is.
struct ConfigFile {
  std::filesystem::path file;
  const Environment& environment;

  /// Relative paths in a config file are relative to it.
  std::filesystem::path beside(const std::string& path) const {
    if (path.empty()) return {};
    if (path.starts_with("~/")) return std::filesystem::path(environment.variable("HOME")) / path.substr(2);
    return std::filesystem::path(path).is_absolute() ? std::filesystem::path(path)
                                                     : std::filesystem::absolute(file).parent_path() / path;
  }
};

Result<SandboxWire> read_sandbox(const std::filesystem::path& folder, boost::json::object& facts) {
  const auto file = folder / "sandbox.json";
  auto text = read_file(file, 1 << 20, FileUse::trusted);
  if (!text) {
    if (text.error().code != Errc::not_found) return pass(text);
    return std::unexpected(
        Error{Errc::not_found,
              "there is no sandbox in this folder",
              fmt::format("Start one in another terminal: [[start-sandbox|{}]]", as_parameter(folder.string())),
              {{"folder", folder.string()}}});
  }
  boost::system::error_code problem;
  boost::json::value parsed;
  text->reveal([&](std::string_view json) { parsed = boost::json::parse(json, problem); });
  try {
    if (problem) throw std::invalid_argument("not JSON");
    facts = parsed.as_object();
    SandboxWire wire;
    wire.folder = folder;
    wire.ca_file = std::string(facts.at("caFile").as_string());
    if (auto fine = judge_file(wire.ca_file, FileUse::trusted); !fine) return pass(fine);
    wire.port = boost::json::value_to<std::uint16_t>(facts.at("port"));
    wire.admin_port = boost::json::value_to<std::uint16_t>(facts.at("adminPort"));
    return wire;
  } catch (const std::exception&) {
    return std::unexpected(
        Error{Errc::corrupt, "the sandbox's description is damaged", "Start the sandbox again.", {{"file", file.string()}}});
  }
}

std::string fact(const boost::json::object& facts, std::string_view name) {
  const auto* value = facts.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// What the sandbox must not decide, because the profile or the command line does.
struct Given {
  bool vault = false;
  bool credential = false;
};

/// What the sandbox offers fills what the profile leaves open; its app registration is for its own vault.
void fill_from_sandbox(Profile& profile, const boost::json::object& facts, const Given& given, bool from_command_line) {
  if (profile.tenant.empty()) profile.tenant = fact(facts, "tenantId");
  const auto inside = profile.sandbox->folder / "client" / profile.name;
  if (from_command_line) {  // the profile is a real tenant's: its vault file and its escrow are not for a sandbox's tokens
    profile.state_folder = inside;
    profile.vault.path.clear();
  }
  if (profile.state_folder.empty()) profile.state_folder = inside;
  if (!given.vault && !given.credential) {
    profile.credential.type = CredentialType::client_secret;
    profile.credential.client_id = fact(facts, "clientId");
    profile.credential.client_secret_file = fact(facts, "clientSecretFile");
  }
  if (given.vault) return;
  profile.vault.type = VaultProfile::Type::key_vault;
  profile.vault.url = Url(fact(facts, "vaultUrl"));
  profile.vault.secret_name = fact(facts, "secretName");
}

Result<void> read_credential(const toml::table& table, const ConfigFile& config, Profile& profile) {
  const auto& file = config.file;
  Settings values(table, "profile." + profile.name + ".credential", file);
  const std::string type = values.text("type", "auto");
  auto& credential = profile.credential;
  credential.client_id = values.text("client_id");
  credential.tenant = values.text("tenant");
  credential.client_secret_file = config.beside(values.text("client_secret_file"));
  credential.client_certificate_file = config.beside(values.text("client_certificate_file"));
  credential.client_certificate_password_file = config.beside(values.text("client_certificate_password_file"));
  credential.federated_token_file = config.beside(values.text("federated_token_file"));
  if (auto fine = values.finish(); !fine) return fine;
  if (!credential.tenant.empty() && !is_tenant(credential.tenant)) {
    return bad_setting(file, table.get("tenant")->source(), "credential.tenant is neither a GUID nor a domain name",
                       "Correct the setting, or remove it: the profile's tenant is used then.");
  }
  auto found = find_credential_type(type);
  if (!found) return bad_setting(file, table.get("type")->source(), found.error().what, found.error().remedy);
  credential.type = *found;
  // A setting of another type is a mistake: another identity would be used than the one described.
  const std::pair<std::string_view, CredentialType> belongs[] = {
      {"client_secret_file", CredentialType::client_secret},
      {"client_certificate_file", CredentialType::client_certificate},
      {"client_certificate_password_file", CredentialType::client_certificate},
      {"federated_token_file", CredentialType::workload_identity},
  };
  for (const auto& [key, owner] : belongs) {
    const auto* node = table.get(key);
    if (node == nullptr || credential.type == CredentialType::automatic || credential.type == owner) continue;
    return bad_setting(file, node->source(),
                       fmt::format("credential.{} does not belong to a credential of type \"{}\"", key, type),
                       fmt::format("Set type = \"{}\", or remove the setting.", name_of(owner)));
  }
  return {};
}

/// A cloud of the config file's own.
Result<Cloud> read_cloud(const toml::table& table, const std::string& name, const std::filesystem::path& file) {
  Settings values(table, "cloud." + name, file);
  Cloud cloud;
  cloud.name = name;
  std::string bad;
  const auto host = [&](std::string_view key) {
    const std::string given = values.text(key);
    const std::string bare = given.empty() ? given : host_given(given);
    if (!given.empty() && !bare.contains('.')) bad = key;
    return bare;
  };
  cloud.authority = host("authority");
  cloud.vault_suffix = host("vault_suffix");
  cloud.arm = host("arm");
  cloud.graph = host("graph");
  cloud.portal_api = host("portal_api");
  cloud.portal_resource = values.text("portal_resource");
  cloud.federated_audience = values.text("federated_audience");
  if (auto fine = values.finish(); !fine) return pass(fine);
  if (!bad.empty()) {
    return bad_setting(file, table.get(bad)->source(), fmt::format("cloud.{}.{} is not a host name", name, bad),
                       "Give the bare host, for example login.microsoftonline.us; the vault's suffix without a leading dot.");
  }
  if (cloud.authority.empty()) {
    return bad_setting(file, table.source(), fmt::format("cloud.{} names no sign-in service", name),
                       "Set authority to its host.");
  }
  return cloud;
}

/// A cloud by the name that a profile gives: one of the config file's own, or one of Microsoft's.
Result<Cloud> cloud_named(const std::string& name, const toml::table* own, const std::filesystem::path& file) {
  if (own != nullptr) {
    if (const auto* table = own->get_as<toml::table>(name)) return read_cloud(*table, name, file);
  }
  auto found = find_cloud(name);
  if (!found) {
    return std::unexpected(Error{found.error().code,
                                 found.error().what,
                                 found.error().remedy + fmt::format(" Or describe it in a table [cloud.{}].", name),
                                 {{"file", file.string()}}});
  }
  return found;
}

Result<void> read_table(const toml::table& table, const toml::table* own_clouds, const ConfigFile& config, Profile& profile,
                        Given& given, std::filesystem::path& sandbox) {
  const auto& file = config.file;
  Settings settings(table, "profile." + profile.name, file);
  profile.tenant = settings.text("tenant");
  const std::string cloud = settings.text("cloud");
  const std::string backend = settings.text("backend", "portal");
  profile.client_id = settings.text("client_id", profile.client_id);
  profile.portal_resource = settings.text("portal_resource");
  profile.service_account = settings.text("service_account");
  profile.state_folder = config.beside(settings.text("state_dir"));
  profile.proxy = settings.text("proxy");
  if (const auto ca_file = settings.text("ca_file"); !ca_file.empty()) profile.extra_ca_files.push_back(config.beside(ca_file));
  profile.upload_timeout =
      std::chrono::seconds(settings.number("upload_timeout_seconds", 1, 86'400, profile.upload_timeout.count()));
  if (const auto folder = settings.text("sandbox"); !folder.empty() && sandbox.empty()) sandbox = config.beside(folder);
  const auto* vault = settings.table("vault");
  const auto* credential = settings.table("credential");
  const auto* limits = settings.table("limits");
  if (auto fine = settings.finish(); !fine) return fine;
  if (backend != "portal" && backend != "graph") {
    return bad_setting(file, table.get("backend")->source(), fmt::format("there is no backend \"{}\"", backend),
                       "Use \"portal\" or \"graph\".");
  }
  profile.backend = backend == "graph" ? Backend::graph : Backend::portal;
  if (!cloud.empty()) {
    auto found = cloud_named(cloud, own_clouds, file);
    if (!found) return pass(found);
    profile.cloud = std::move(*found);
  }
  if (credential != nullptr) {
    given.credential = true;
    if (auto read = read_credential(*credential, config, profile); !read) return read;
  }
  if (limits != nullptr) {
    Settings values(*limits, "profile." + profile.name + ".limits", file);
    profile.activations =
        static_cast<std::size_t>(values.number("activations", 0, 1'000'000, static_cast<std::int64_t>(profile.activations)));
    profile.activation_window =
        std::chrono::seconds(values.number("activation_window_seconds", 1, 86'400, profile.activation_window.count()));
    if (auto fine = values.finish(); !fine) return fine;
  }
  if (vault == nullptr) return {};
  given.vault = true;
  Settings values(*vault, "profile." + profile.name + ".vault", file);
  const std::string type = values.text("type", "file");
  profile.vault.path = config.beside(values.text("path"));
  profile.vault.passphrase_file = config.beside(values.text("passphrase_file"));
  profile.vault.url = Url(values.text("url"));
  profile.vault.secret_name = values.text("secret_name", profile.vault.secret_name);
  profile.vault.keep_versions = static_cast<std::size_t>(
      values.number("keep_versions", 1, kLongestHistory, static_cast<std::int64_t>(profile.vault.keep_versions)));
  if (auto fine = values.finish(); !fine) return fine;
  if (type != "file" && type != "key_vault") {
    return bad_setting(file, vault->get("type")->source(), fmt::format("there is no vault of type \"{}\"", type),
                       "Use \"file\" or \"key_vault\".");
  }
  // A setting of the other type is a mistake: most likely `type` was forgotten, and the token would go elsewhere than meant.
  const auto other =
      type == "file" ? std::vector<std::string_view>{"url"} : std::vector<std::string_view>{"path", "passphrase_file"};
  for (const auto key : other) {
    if (const auto* node = vault->get(key)) {
      return bad_setting(file, node->source(), fmt::format("vault.{} does not belong to a vault of type \"{}\"", key, type),
                         fmt::format("Set type = \"{}\", or remove the setting.", type == "file" ? "key_vault" : "file"));
    }
  }
  profile.vault.type = type == "file" ? VaultProfile::Type::file : VaultProfile::Type::key_vault;
  return {};
}

/// Why nothing names a tenant, where no profile was found.
Error no_profile(const Profile& profile, const std::vector<std::filesystem::path>& looked_for, const std::string& others,
                 const Environment& environment) {
  Error error{
      Errc::invalid_input,
      others.empty() ? std::string("there is no config file, so the profile names no tenant")
                     : fmt::format("the config file has no profile named {}, so it names no tenant", profile.name),
      others.empty()
          ? std::string("Write one (docs/profiles.md), or set AZURE_TENANT_ID, or try a sandbox with [[setting|sandbox|DIR]].")
          : fmt::format("Name one with [[setting|profile]]. Profiles there are: {}.", others),
      {{"profile", profile.name}}};
  for (const auto& file : looked_for) error.context.emplace_back("looked for", file.string());
  if (environment.variable("HOME").empty()) error.context.emplace_back("HOME", "is not set, so no home folder is looked into");
  return error;
}

Result<void> check(Profile& profile, bool portal, std::string_view vault_setting, const Environment& environment) {
  const auto refuse = [&](std::string what, std::string remedy) {
    return std::unexpected(Error{Errc::invalid_input, std::move(what), std::move(remedy), {{"profile", profile.name}}});
  };
  const auto proxy = proxy_settings(profile.proxy, [](const char*) { return std::string(); }).proxy;
  if (proxy && !profile.proxy.contains("://")) {
    return refuse("proxy is not the address of a proxy", "Set it to http://HOST:PORT, or to none.");
  }
  if (proxy && !proxy->problem.empty()) {
    return refuse("proxy is not the address of a proxy: " + proxy->problem, "Set it to http://HOST:PORT, or to none.");
  }
  if (profile.tenant.empty()) {
    return refuse("the profile names no tenant",
                  "Set tenant in the profile or AZURE_TENANT_ID, or try a sandbox with [[setting|sandbox|DIR]].");
  }
  if (!is_tenant(profile.tenant)) {
    return refuse("tenant is neither a GUID nor a domain name",
                  "Set tenant in the profile, or AZURE_TENANT_ID, to the tenant's GUID or one of its verified domain names.");
  }
  if (profile.portal_resource.empty()) profile.portal_resource = profile.cloud.portal_resource;
  // Source: learn.microsoft.com/graph/api/resources/hardwareoathtokenauthenticationmethoddevice, "national cloud deployments".
  if (profile.backend == Backend::graph && profile.cloud.name != "global" && find_cloud(profile.cloud.name)) {
    return refuse(
        fmt::format("Microsoft Graph manages hardware OATH tokens in the global cloud only, not in {}", profile.cloud.name),
        "Use backend = \"portal\".");
  }
  portal = portal && profile.backend == Backend::portal;
  if (portal && profile.portal_resource.empty()) {
    return refuse(
        fmt::format("the portal API's application id in the cloud {} is not publicly known, and portalkey does not guess it",
                    profile.cloud.name),
        "If you know it, set portal_resource in the profile.");
  }
  if (portal) {
    if (auto known = needs(profile.cloud, profile.cloud.portal_api, "portal_api", "the portal API"); !known) return known;
  }
  if (profile.vault.type == VaultProfile::Type::key_vault) {
    if (auto known = needs(profile.cloud, profile.cloud.vault_suffix, "vault_suffix", "Key Vault"); !known) return known;
    const Url& url = profile.vault.url;
    const std::string wanted = "." + profile.cloud.vault_suffix;
    if (!url.valid()) {
      return refuse(fmt::format("{} is not the URL of a vault: {}", vault_setting, url.problem()),
                    fmt::format("Set {} to https://NAME{}", vault_setting, wanted));
    }
    const auto name = url.host().substr(0, url.host().find('.'));
    if (url.host() != std::string(name) + wanted || url.target() != "/") {
      return refuse(
          fmt::format("{} is not the URL of a vault in the cloud {} ({})", vault_setting, profile.cloud.name, url.host()),
          fmt::format("Set {} to https://NAME{}", vault_setting, wanted));
    }
  }
  if (profile.vault.secret_name.empty() ||
      !std::ranges::all_of(profile.vault.secret_name, [](unsigned char c) { return std::isalnum(c) || c == '-'; })) {
    return refuse("vault.secret_name may hold letters, digits and dashes only", "Correct it; the default is RefreshToken.");
  }
  const auto states = profile.sandbox ? profile.sandbox->folder / "client"
                                      : home_folder(environment, "XDG_STATE_HOME", ".local/state", kNoHome);
  profile.common_folder = states / ".tenants";  // which no profile's name can be
  if (profile.state_folder.empty()) {
    profile.state_folder = home_folder(environment, "XDG_STATE_HOME", ".local/state", kNoHome) / profile.name;
  }
  if (profile.vault.type == VaultProfile::Type::file && profile.vault.path.empty()) {
    profile.vault.path = profile.sandbox
                             ? profile.state_folder / "vault.sealed"
                             : home_folder(environment, "XDG_DATA_HOME", ".local/share", kNoHome) / (profile.name + ".vault");
  }
  return {};
}

void override_credential(CredentialSettings& credential, CredentialType type) {
  const auto is_person = [](CredentialType t) { return t == CredentialType::device_code || t == CredentialType::browser; };
  // An application's id is not one a person can sign in with, nor a managed identity's that of an application.
  if (is_person(type) != is_person(credential.type) || (type == CredentialType::managed_identity && credential.type != type)) {
    credential.client_id.clear();
  }
  credential.type = type;
}

}  // namespace

Result<Profile> load_profile(const ProfileChoice& choice, const Environment& environment) {
  Profile profile;
  profile.cloud = *find_cloud("global");
  const std::string name = !choice.name.empty() ? choice.name : environment.variable("PORTALKEY_PROFILE");
  const std::string config = !choice.config.empty() ? choice.config.string() : environment.variable("PORTALKEY_CONFIG");
  std::filesystem::path sandbox = choice.sandbox;
  std::string_view vault_setting = "vault.url";
  Given given;
  if (!name.empty()) profile.name = name;
  if (profile.name.find('/') != std::string::npos || profile.name.starts_with('.')) {
    return fail(Errc::invalid_input, "a profile's name may not hold a slash or begin with a dot", "Choose another name.");
  }

  bool found = false;
  std::vector<std::filesystem::path> looked_for;
  std::string others;
  const bool only_sandbox = !sandbox.empty() && name.empty() && config.empty();
  if (!only_sandbox) {
    for (const auto& file : config_files(choice, environment)) {
      if (looked_for.empty() || looked_for.back() != file) looked_for.push_back(file);
      auto parsed = parse_config(file);
      if (!parsed) {
        const bool missing = parsed.error().code == Errc::not_found;
        if (missing && (config.empty() || choice.setup)) continue;
        if (missing) {
          return std::unexpected(Error{Errc::invalid_input,
                                       "there is no config file at this path",
                                       fmt::format("Correct {}, or write the file (docs/profiles.md).",
                                                   choice.config.empty() ? "PORTALKEY_CONFIG" : "[[setting|config]]"),
                                       {{"file", file.string()}}});
        }
        return pass(parsed);
      }
      const auto* profiles = parsed->get_as<toml::table>("profile");
      const auto* own_clouds = parsed->get_as<toml::table>("cloud");
      if (own_clouds != nullptr) {
        for (const auto& [key, node] : *own_clouds) {
          if (!find_cloud(key.str()) && node.is_table()) continue;
          return bad_setting(file, key.source(), fmt::format("[cloud.{}] cannot be described here", key.str()),
                             "A cloud of one's own is a table with a name that is none of Microsoft's.");
        }
      }
      if (profiles == nullptr) continue;
      for (const auto& [key, node] : *profiles) others += fmt::format("{}{}", others.empty() ? "" : ", ", key.str());
      const auto* mine = profiles->get_as<toml::table>(profile.name);
      if (mine == nullptr) continue;
      if (auto read = read_table(*mine, own_clouds, {file, environment}, profile, given, sandbox); !read) return pass(read);
      if (profile.proxy.find('@') != std::string::npos) {  // then a password stands in it
        if (auto fine = judge_file(file, FileUse::secret); !fine) return pass(fine);
      }
      profile.file = file;
      found = true;
      break;
    }
    if (!found && !name.empty() && !choice.setup) {
      return std::unexpected(
          Error{Errc::invalid_input,
                fmt::format("there is no profile named {}", profile.name),
                others.empty() ? "Write one; docs/profiles.md shows how." : "Profiles there are: " + others + ".",
                {}});
    }
  }

  if (!sandbox.empty()) {
    boost::json::object facts;
    auto wire = read_sandbox(std::filesystem::absolute(sandbox), facts);
    if (!wire) return pass(wire);
    profile.sandbox = *wire;
    given.credential |= choice.credential && *choice.credential != CredentialType::client_secret;
    if (choice.setup) given.vault = given.credential = true;  // the set-up makes its own
    fill_from_sandbox(profile, facts, given, !choice.sandbox.empty());
  } else {
    // The names the Azure SDKs read; they fill what the profile leaves open.
    if (profile.tenant.empty()) profile.tenant = environment.variable("AZURE_TENANT_ID");
    if (!given.vault && !environment.variable("AZURE_KEYVAULT_URL").empty()) {
      profile.vault.type = VaultProfile::Type::key_vault;
      profile.vault.url = Url(environment.variable("AZURE_KEYVAULT_URL"));
      vault_setting = "AZURE_KEYVAULT_URL";
    }
    if (const auto authority = environment.variable("AZURE_AUTHORITY_HOST"); !found && !authority.empty()) {
      const std::string host = host_given(authority);
      const auto* cloud = cloud_of_authority(host);
      if (cloud == nullptr) {
        return fail(Errc::invalid_input,
                    fmt::format("AZURE_AUTHORITY_HOST names {}, which is no cloud's sign-in service",
                                host.empty() ? "no https host" : fmt::format("\"{}\"", host)),
                    "Correct it, or write a profile with a cloud of its own (docs/profiles.md).");
      }
      profile.cloud = *cloud;
    }
  }
  for (const char* variable : {"PORTALKEY_CA_FILE", "SSL_CERT_FILE"}) {
    if (const auto ca_file = environment.variable(variable); !ca_file.empty()) profile.extra_ca_files.emplace_back(ca_file);
  }
  if (choice.credential) override_credential(profile.credential, *choice.credential);
  if (choice.setup && profile.tenant.empty()) profile.tenant = kAnyTenant;
  profile.any_vault = choice.setup;
  if (choice.backend) profile.backend = *choice.backend;
  if (profile.tenant.empty() && !found && !looked_for.empty())
    return std::unexpected(no_profile(profile, looked_for, others, environment));
  if (auto checked = check(profile, choice.portal, vault_setting, environment); !checked) return pass(checked);
  return profile;
}

bool is_tenant(std::string_view text) {
  return !text.empty() && text.size() <= 253 && !text.starts_with('.') &&
         std::ranges::all_of(text, [](char c) { return c == '.' || is_plain_id({&c, 1}); });
}

std::vector<std::string> hosts_of(const Profile& profile) {
  auto hosts = profile.cloud.hosts();
  if (profile.any_vault) return hosts;
  std::erase(hosts, "." + profile.cloud.vault_suffix);
  if (profile.vault.type == VaultProfile::Type::key_vault) hosts.emplace_back(profile.vault.url.host());
  return hosts;
}

std::vector<std::filesystem::path> config_files(const ProfileChoice& choice, const Environment& environment) {
  if (!choice.config.empty()) return {choice.config};
  if (const auto config = environment.variable("PORTALKEY_CONFIG"); !config.empty()) return {config};
  return {home_folder(environment, "XDG_CONFIG_HOME", ".config", "/etc/portalkey") / "config.toml",
          "/etc/portalkey/config.toml"};
}

std::filesystem::path config_file(const ProfileChoice& choice, const Environment& environment) {
  if (!choice.config.empty()) return choice.config;
  if (const auto config = environment.variable("PORTALKEY_CONFIG"); !config.empty()) return config;
  if (!choice.sandbox.empty()) return choice.sandbox / "client" / "config.toml";  // never into a real tenant's
  return home_folder(environment, "XDG_CONFIG_HOME", ".config", "/etc/portalkey") / "config.toml";
}

}  // namespace portalkey
