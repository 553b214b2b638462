#include "app/profile/profile_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "vault/version_history.h"

namespace portalkey {
namespace {

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
  std::vector<std::string> texts(std::string_view key) {
    known_.emplace_back(key);
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    std::vector<std::string> all;
    const auto* list = node->as_array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const auto text = list->get(i)->value_exact<std::string>();
      if (text && !text->empty()) all.push_back(*text);
    }
    if (list == nullptr || list->empty() || all.size() != list->size())
      complain(*node, fmt::format("{}.{} must be a list of texts: [\"/usr/local/bin/tell\", \"us\"]", name_, key));
    return all;
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

/// Whom to tell, and when.
Result<void> read_alert(const toml::table& table, Settings& settings, const ConfigFile& config, Profile& profile) {
  constexpr std::int64_t kMostDays = 365;
  if (const auto days = settings.number("mfa_max_age_days", 1, kMostDays, 0); days != 0)
    profile.mfa_age = std::chrono::days(days);
  profile.alert.notice = std::chrono::days(settings.number("alert_days", 1, kMostDays, profile.alert.notice.count()));
  profile.alert.command = settings.texts("alert_command");
  if (auto& command = profile.alert.command; !command.empty() && command.front().contains('/'))
    command.front() = config.beside(command.front()).string();
  if (const std::string webhook = settings.text("alert_webhook"); !webhook.empty()) {
    profile.alert.webhook = Url(webhook);
    if (!profile.alert.webhook->valid()) {
      return bad_setting(config.file, table.get("alert_webhook")->source(),
                         fmt::format("alert_webhook is no address that may be called: {}", profile.alert.webhook->problem()),
                         "Give the https address that the channel shows.");
    }
  }
  return {};
}

}  // namespace

std::string host_given(const std::string& text) {
  const Url url(text.contains("://") ? text : "https://" + text);
  return url.target() == "/" ? std::string(url.host()) : std::string();
}

std::filesystem::path ConfigFile::beside(const std::string& path) const {
  if (path.empty()) return {};
  if (path.starts_with("~/")) return std::filesystem::path(environment.variable("HOME")) / path.substr(2);
  return std::filesystem::path(path).is_absolute() ? std::filesystem::path(path)
                                                   : std::filesystem::absolute(file).parent_path() / path;
}

Result<void> read_profile_table(const toml::table& table, const toml::table* own_clouds, const ConfigFile& config,
                                Profile& profile, Given& given, std::filesystem::path& sandbox) {
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
  if (auto read = read_alert(table, settings, config, profile); !read) return read;
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

}  // namespace portalkey
