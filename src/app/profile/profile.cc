#include "app/profile/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/profile/profile_table.h"
#include "app/profile/sandbox_profile.h"
#include "base/ascii.h"
#include "base/files.h"
#include "http/proxy.h"

namespace portalkey {
namespace {

constexpr const char* kNoHome = "/var/lib/portalkey";

std::filesystem::path home_folder(const Environment& environment, const char* xdg, const char* below_home,
                                  const char* without_home) {
  if (const auto set = environment.variable(xdg); set.starts_with('/')) return std::filesystem::path(set) / "portalkey";
  if (const auto home = environment.variable("HOME"); !home.empty())
    return std::filesystem::path(home) / below_home / "portalkey";
  return without_home;
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

/// What was found of a profile in config files.
struct InConfig {
  bool found = false;
  std::vector<std::filesystem::path> looked_for;
  std::string others;  ///< names of profiles there are
};

Result<void> check_clouds(const toml::table* own_clouds, const std::filesystem::path& file) {
  if (own_clouds == nullptr) return {};
  for (const auto& [key, node] : *own_clouds) {
    if (!find_cloud(key.str()) && node.is_table()) continue;
    return bad_setting(file, key.source(), fmt::format("[cloud.{}] cannot be described here", key.str()),
                       "A cloud of one's own is a table with a name that is none of Microsoft's.");
  }
  return {};
}

/// The profile from one file's tables, if it is there.
Result<void> read_from(const toml::table& parsed, const ConfigFile& config, Profile& profile, Given& given,
                       std::filesystem::path& sandbox, InConfig& in_config) {
  const auto* own_clouds = parsed.get_as<toml::table>("cloud");
  if (auto fine = check_clouds(own_clouds, config.file); !fine) return fine;
  const auto* profiles = parsed.get_as<toml::table>("profile");
  if (profiles == nullptr) return {};
  for (const auto& [key, node] : *profiles)
    in_config.others += fmt::format("{}{}", in_config.others.empty() ? "" : ", ", key.str());
  const auto* mine = profiles->get_as<toml::table>(profile.name);
  if (mine == nullptr) return {};
  if (auto read = read_profile_table(*mine, own_clouds, config, profile, given, sandbox); !read) return read;
  if (profile.proxy.contains('@') || profile.alert.webhook) {  // then something secret stands in it
    if (auto fine = judge_file(config.file, FileUse::secret); !fine) return fine;
  }
  profile.file = config.file;
  in_config.found = true;
  return {};
}

/// `named`: whether the caller says which config file.
Result<InConfig> read_from_config(const ProfileChoice& choice, bool named, const Environment& environment, Profile& profile,
                                  Given& given, std::filesystem::path& sandbox) {
  InConfig in_config;
  for (const auto& file : config_files(choice, environment)) {
    if (in_config.looked_for.empty() || in_config.looked_for.back() != file) in_config.looked_for.push_back(file);
    auto parsed = parse_config(file);
    const bool missing = !parsed && parsed.error().code == Errc::not_found;
    if (missing && named && !choice.setup) {
      return std::unexpected(Error{Errc::invalid_input,
                                   "there is no config file at this path",
                                   fmt::format("Correct {}, or write the file (docs/profiles.md).",
                                               choice.config.empty() ? "PORTALKEY_CONFIG" : "[[setting|config]]"),
                                   {{"file", file.string()}}});
    }
    if (missing) continue;
    if (!parsed) return pass(parsed);
    if (auto read = read_from(*parsed, {file, environment}, profile, given, sandbox, in_config); !read) return pass(read);
    if (in_config.found) break;
  }
  return in_config;
}

/// The names the Azure SDKs read; they fill what the profile leaves open. `vault_setting`: what names the vault.
Result<void> fill_from_environment(Profile& profile, const Environment& environment, const Given& given, bool found,
                                   std::string_view& vault_setting) {
  if (profile.tenant.empty()) profile.tenant = environment.variable("AZURE_TENANT_ID");
  if (!given.vault && !environment.variable("AZURE_KEYVAULT_URL").empty()) {
    profile.vault.type = VaultProfile::Type::key_vault;
    profile.vault.url = Url(environment.variable("AZURE_KEYVAULT_URL"));
    vault_setting = "AZURE_KEYVAULT_URL";
  }
  const auto authority = environment.variable("AZURE_AUTHORITY_HOST");
  if (found || authority.empty()) return {};
  const std::string host = host_given(authority);
  const auto* cloud = cloud_of_authority(host);
  if (cloud == nullptr) {
    return fail(Errc::invalid_input,
                fmt::format("AZURE_AUTHORITY_HOST names {}, which is no cloud's sign-in service",
                            host.empty() ? "no https host" : fmt::format("\"{}\"", host)),
                "Correct it, or write a profile with a cloud of its own (docs/profiles.md).");
  }
  profile.cloud = *cloud;
  return {};
}

}  // namespace

Result<Profile> load_profile(const ProfileChoice& choice, const Environment& environment) {
  Profile profile;
  profile.cloud = *find_cloud("global");
  const std::string name = !choice.name.empty() ? choice.name : environment.variable("PORTALKEY_PROFILE");
  const bool config_named = !choice.config.empty() || !environment.variable("PORTALKEY_CONFIG").empty();
  std::filesystem::path sandbox = choice.sandbox;
  std::string_view vault_setting = "vault.url";
  Given given;
  if (!name.empty()) profile.name = name;
  if (profile.name.find('/') != std::string::npos || profile.name.starts_with('.')) {
    return fail(Errc::invalid_input, "a profile's name may not hold a slash or begin with a dot", "Choose another name.");
  }

  InConfig in_config;
  const bool only_sandbox = !sandbox.empty() && name.empty() && !config_named;
  if (!only_sandbox) {
    auto read = read_from_config(choice, config_named, environment, profile, given, sandbox);
    if (!read) return pass(read);
    in_config = std::move(*read);
    if (!in_config.found && !name.empty() && !choice.setup) {
      return fail(Errc::invalid_input, fmt::format("there is no profile named {}", profile.name),
                  in_config.others.empty() ? "Write one; docs/profiles.md shows how."
                                           : "Profiles there are: " + in_config.others + ".");
    }
  }

  if (!sandbox.empty()) {
    given.credential |= choice.credential && *choice.credential != CredentialType::client_secret;
    if (choice.setup) given.vault = given.credential = true;  // the set-up makes its own
    if (auto filled = fill_from_sandbox(profile, sandbox, given, !choice.sandbox.empty()); !filled) return pass(filled);
  } else {
    auto filled = fill_from_environment(profile, environment, given, in_config.found, vault_setting);
    if (!filled) return pass(filled);
  }
  for (const char* variable : {"PORTALKEY_CA_FILE", "SSL_CERT_FILE"}) {
    if (const auto ca_file = environment.variable(variable); !ca_file.empty()) profile.extra_ca_files.emplace_back(ca_file);
  }
  if (choice.credential) override_credential(profile.credential, *choice.credential);
  if (choice.setup && profile.tenant.empty()) profile.tenant = kAnyTenant;
  profile.any_vault = choice.setup;
  if (choice.backend) profile.backend = *choice.backend;
  if (profile.tenant.empty() && !in_config.found && !in_config.looked_for.empty())
    return std::unexpected(no_profile(profile, in_config.looked_for, in_config.others, environment));
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
