#include "cli/profile.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <cstdlib>

#include "base/ascii.h"
#include "base/files.h"
#include "http/http.h"
#include "vault/version_history.h"

namespace portalkey {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

constexpr std::string_view kProxySchemes[] = {"http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://"};

/// `https://login.microsoftonline.us/` or the bare host, as the SDKs accept it.
std::string host_of_authority(std::string authority) {
  if (!authority.starts_with("https://")) authority = "https://" + authority;
  return host_of(authority);
}

std::filesystem::path home_folder(const char* xdg, const char* below_home, const char* without_home) {
  if (const auto set = environment(xdg); set.starts_with('/')) return std::filesystem::path(set) / "portalkey";
  if (const auto home = environment("HOME"); !home.empty()) return std::filesystem::path(home) / below_home / "portalkey";
  return without_home;
}

std::unexpected<Error> bad_setting(const std::filesystem::path& file, const toml::source_region& where, std::string what,
                                   std::string remedy) {
  return std::unexpected(Error{Errc::invalid_input,
                               std::move(what),
                               std::move(remedy),
                               {{"file", file.string()}, {"line", std::to_string(where.begin.line)}}});
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

Result<toml::table> parse_config(const std::filesystem::path& file) {
  auto text = read_file(file, 1 << 20);
  if (!text) return pass(text);
  try {
    return text->reveal([&](std::string_view toml) { return toml::parse(toml, file.string()); });
  } catch (const toml::parse_error& error) {
    return bad_setting(file, error.source(), fmt::format("the file is not TOML: {}", error.description()), "Correct the line.");
  }
}

/// Relative paths in a config file are relative to it.
std::filesystem::path beside(const std::filesystem::path& file, const std::string& path) {
  if (path.empty()) return {};
  if (path.starts_with("~/")) return std::filesystem::path(environment("HOME")) / path.substr(2);
  return std::filesystem::path(path).is_absolute() ? std::filesystem::path(path)
                                                   : std::filesystem::absolute(file).parent_path() / path;
}

Result<SandboxWire> read_sandbox(const std::filesystem::path& folder, boost::json::object& facts) {
  const auto file = folder / "sandbox.json";
  auto text = read_file(file, 1 << 20);
  if (!text) {
    if (text.error().code != Errc::not_found) return pass(text);
    return std::unexpected(Error{Errc::not_found,
                                 "there is no sandbox in this folder",
                                 fmt::format("Start one in another terminal: portalkey sandbox run --dir {}", folder.string()),
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

/// What the sandbox offers fills what the profile leaves open.
void fill_from_sandbox(Profile& profile, const boost::json::object& facts, bool vault_chosen, bool from_command_line) {
  if (profile.tenant.empty()) profile.tenant = fact(facts, "tenantId");
  const auto inside = profile.sandbox->folder / "client" / profile.name;
  if (from_command_line) {  // the profile is a real tenant's: its vault file and its escrow are not for a sandbox's tokens
    profile.state_folder = inside;
    profile.vault.path.clear();
  }
  if (profile.state_folder.empty()) profile.state_folder = inside;
  if (vault_chosen) return;
  profile.vault.type = VaultProfile::Type::key_vault;
  profile.vault.url = fact(facts, "vaultUrl");
  profile.vault.secret_name = fact(facts, "secretName");
  profile.vault.client_id = fact(facts, "clientId");
  profile.vault.client_secret_file = fact(facts, "clientSecretFile");
}

Result<void> read_table(const toml::table& table, const std::filesystem::path& file, Profile& profile, bool& vault_chosen,
                        std::filesystem::path& sandbox) {
  Settings settings(table, "profile." + profile.name, file);
  profile.tenant = settings.text("tenant");
  const std::string cloud = settings.text("cloud");
  profile.client_id = settings.text("client_id", profile.client_id);
  profile.portal_resource = settings.text("portal_resource");
  profile.service_account = settings.text("service_account");
  profile.state_folder = beside(file, settings.text("state_dir"));
  profile.proxy = settings.text("proxy");
  if (const auto ca_file = settings.text("ca_file"); !ca_file.empty()) profile.extra_ca_files.push_back(beside(file, ca_file));
  profile.upload_timeout =
      std::chrono::seconds(settings.number("upload_timeout_seconds", 1, 86'400, profile.upload_timeout.count()));
  if (const auto folder = settings.text("sandbox"); !folder.empty() && sandbox.empty()) sandbox = beside(file, folder);
  const auto* vault = settings.table("vault");
  const auto* limits = settings.table("limits");
  if (auto fine = settings.finish(); !fine) return fine;
  if (!cloud.empty()) {
    auto found = find_cloud(cloud);
    if (!found) return std::unexpected(std::move(found).error().with("file", file.string()));
    profile.cloud = *found;
  }
  if (limits != nullptr) {
    Settings values(*limits, "profile." + profile.name + ".limits", file);
    profile.activations =
        static_cast<std::size_t>(values.number("activations", 1, 1'000'000, static_cast<std::int64_t>(profile.activations)));
    profile.activation_window =
        std::chrono::seconds(values.number("activation_window_seconds", 1, 86'400, profile.activation_window.count()));
    if (auto fine = values.finish(); !fine) return fine;
  }
  if (vault == nullptr) return {};
  vault_chosen = true;
  Settings values(*vault, "profile." + profile.name + ".vault", file);
  const std::string type = values.text("type", "file");
  profile.vault.path = beside(file, values.text("path"));
  profile.vault.passphrase_file = beside(file, values.text("passphrase_file"));
  profile.vault.url = values.text("url");
  profile.vault.secret_name = values.text("secret_name", profile.vault.secret_name);
  profile.vault.keep_versions = static_cast<std::size_t>(
      values.number("keep_versions", 1, kLongestHistory, static_cast<std::int64_t>(profile.vault.keep_versions)));
  profile.vault.client_id = values.text("client_id");
  profile.vault.client_secret_file = beside(file, values.text("client_secret_file"));
  if (auto fine = values.finish(); !fine) return fine;
  if (type != "file" && type != "key_vault") {
    return bad_setting(file, vault->get("type")->source(), fmt::format("there is no vault of type \"{}\"", type),
                       "Use \"file\" or \"key_vault\".");
  }
  // A setting of the other type is a mistake: most likely `type` was forgotten, and the token would go elsewhere than meant.
  const auto other = type == "file" ? std::vector<std::string_view>{"url", "client_id", "client_secret_file"}
                                    : std::vector<std::string_view>{"path", "passphrase_file"};
  for (const auto key : other) {
    if (const auto* node = vault->get(key)) {
      return bad_setting(file, node->source(), fmt::format("vault.{} does not belong to a vault of type \"{}\"", key, type),
                         fmt::format("Set type = \"{}\", or remove the setting.", type == "file" ? "key_vault" : "file"));
    }
  }
  profile.vault.type = type == "file" ? VaultProfile::Type::file : VaultProfile::Type::key_vault;
  return {};
}

Result<void> check(Profile& profile) {
  const auto refuse = [&](std::string what, std::string remedy) {
    return std::unexpected(Error{Errc::invalid_input, std::move(what), std::move(remedy), {{"profile", profile.name}}});
  };
  const bool has_scheme = std::ranges::any_of(kProxySchemes, [&](auto scheme) { return profile.proxy.starts_with(scheme); });
  if (!profile.proxy.empty() && profile.proxy != "none" && !has_scheme) {
    return refuse("proxy is not the address of a proxy", "Set it to http://HOST:PORT, or to none.");
  }
  if (profile.tenant.empty()) {
    return refuse("the profile names no tenant",
                  "Set tenant in the profile or AZURE_TENANT_ID, or try a sandbox with --sandbox DIR.");
  }
  if (profile.portal_resource.empty()) profile.portal_resource = profile.cloud.portal_resource;
  if (profile.portal_resource.empty()) {
    return refuse(
        fmt::format("the portal API's application id in the cloud {} is not publicly known, and portalkey does not guess it",
                    profile.cloud.name),
        "If you know it, set portal_resource in the profile.");
  }
  if (profile.vault.type == VaultProfile::Type::key_vault) {
    while (profile.vault.url.ends_with('/')) profile.vault.url.pop_back();
    const std::string wanted = "." + profile.cloud.vault_suffix;
    const std::string url = lower(profile.vault.url);
    const auto name = url.starts_with("https://") ? std::string_view(url).substr(8) : std::string_view();
    if (!name.ends_with(wanted) || name.find_first_of("/:@?#") != std::string_view::npos) {
      return refuse(fmt::format("\"{}\" is not the URL of a vault in the cloud {}", profile.vault.url, profile.cloud.name),
                    fmt::format("Set vault.url to https://NAME{}", wanted));
    }
  }
  if (profile.vault.secret_name.empty() ||
      !std::ranges::all_of(profile.vault.secret_name, [](unsigned char c) { return std::isalnum(c) || c == '-'; })) {
    return refuse("vault.secret_name may hold letters, digits and dashes only", "Correct it; the default is RefreshToken.");
  }
  if (profile.state_folder.empty()) {
    profile.state_folder = home_folder("XDG_STATE_HOME", ".local/state", "/var/lib/portalkey") / profile.name;
  }
  if (profile.vault.type == VaultProfile::Type::file && profile.vault.path.empty()) {
    profile.vault.path = profile.sandbox
                             ? profile.state_folder / "vault.sealed"
                             : home_folder("XDG_DATA_HOME", ".local/share", "/var/lib/portalkey") / (profile.name + ".vault");
  }
  return {};
}

}  // namespace

Result<Profile> load_profile(const ProfileChoice& choice) {
  Profile profile;
  profile.cloud = *find_cloud("global");
  const std::string name = !choice.name.empty() ? choice.name : environment("PORTALKEY_PROFILE");
  const std::string config = !choice.config.empty() ? choice.config.string() : environment("PORTALKEY_CONFIG");
  std::filesystem::path sandbox = choice.sandbox;
  bool vault_chosen = false;
  if (!name.empty()) profile.name = name;
  if (profile.name.find('/') != std::string::npos || profile.name.starts_with('.')) {
    return fail(Errc::invalid_input, "a profile's name may not hold a slash or begin with a dot", "Choose another name.");
  }

  bool found = false;
  const bool only_sandbox = !sandbox.empty() && name.empty() && config.empty();
  if (!only_sandbox) {
    std::vector<std::filesystem::path> files;
    if (!config.empty()) {
      files = {config};
    } else {
      files = {home_folder("XDG_CONFIG_HOME", ".config", "/etc/portalkey") / "config.toml", "/etc/portalkey/config.toml"};
    }
    std::string others;
    for (const auto& file : files) {
      auto parsed = parse_config(file);
      if (!parsed) {
        if (parsed.error().code == Errc::not_found && config.empty()) continue;
        return pass(parsed);
      }
      const auto* profiles = parsed->get_as<toml::table>("profile");
      for (const auto& [key, node] : *parsed) {
        if (key.str() != "profile" || !node.is_table()) {
          return bad_setting(file, key.source(), fmt::format("\"{}\" does not belong here", key.str()),
                             "A config file holds tables named [profile.NAME].");
        }
      }
      if (profiles == nullptr) continue;
      for (const auto& [key, node] : *profiles) others += fmt::format("{}{}", others.empty() ? "" : ", ", key.str());
      const auto* mine = profiles->get_as<toml::table>(profile.name);
      if (mine == nullptr) continue;
      if (auto read = read_table(*mine, file, profile, vault_chosen, sandbox); !read) return pass(read);
      found = true;
      break;
    }
    if (!found && !name.empty()) {
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
    fill_from_sandbox(profile, facts, vault_chosen, !choice.sandbox.empty());
  } else {
    // The names the Azure SDKs read; they fill what the profile leaves open.
    if (profile.tenant.empty()) profile.tenant = environment("AZURE_TENANT_ID");
    if (!vault_chosen && !environment("AZURE_KEYVAULT_URL").empty()) {
      profile.vault.type = VaultProfile::Type::key_vault;
      profile.vault.url = environment("AZURE_KEYVAULT_URL");
    }
    if (profile.vault.client_id.empty()) profile.vault.client_id = environment("AZURE_CLIENT_ID");
    if (const auto host = host_of_authority(environment("AZURE_AUTHORITY_HOST")); !found && !host.empty()) {
      for (const char* cloud : {"global", "usgov", "china"}) {
        if (const auto candidate = find_cloud(cloud); candidate->authority == host) profile.cloud = *candidate;
      }
    }
  }
  for (const char* name : {"PORTALKEY_CA_FILE", "SSL_CERT_FILE"}) {
    if (const auto ca_file = environment(name); !ca_file.empty()) profile.extra_ca_files.emplace_back(ca_file);
  }
  if (auto checked = check(profile); !checked) return pass(checked);
  return profile;
}

}  // namespace portalkey
