#include "service/run/serve_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/profile/config_toml.h"
#include "base/ascii.h"
#include "base/files.h"
#include "base/guid.h"

namespace portalkey {
namespace {

/// Reads values out of a table; afterwards names what nobody asked for.
class Values {
 public:
  Values(const toml::table& table, std::string name, const std::filesystem::path& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  std::string text(std::string_view key, std::string otherwise = {}) {
    const auto* node = take(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::string>();
    if (!value) complain(*node, fmt::format("{}.{} must be text in quotes", name_, key));
    return value.value_or(otherwise);
  }
  std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
    const auto* node = take(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
      complain(*node, fmt::format("{}.{} must be a whole number from {} to {}", name_, key, least, most));
    return value.value_or(otherwise);
  }
  bool flag(std::string_view key, bool otherwise) {
    const auto* node = take(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value_exact<bool>();
    if (!value) complain(*node, fmt::format("{}.{} must be true or false", name_, key));
    return value.value_or(otherwise);
  }
  std::vector<std::string> texts(std::string_view key) {
    const auto* node = take(key);
    std::vector<std::string> all;
    if (node == nullptr) return all;
    const auto* list = node->as_array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      if (const auto text = list->get(i)->value_exact<std::string>(); text && !text->empty()) all.push_back(*text);
    }
    if (list == nullptr || all.size() != list->size())
      complain(*node, fmt::format("{}.{} must be a list of texts", name_, key));
    return all;
  }
  const toml::node* take(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
  }
  void complain(const toml::node& node, std::string what) {
    if (!problem_) problem_ = bad_setting(file_, node.source(), std::move(what), "Correct the setting.");
  }
  Result<void> finish() {
    for (const auto& [key, node] : table_) {
      if (problem_ || std::ranges::find(known_, key.str()) != known_.end()) continue;
      problem_ = bad_setting(file_, key.source(), fmt::format("{} has no setting \"{}\"", name_, key.str()),
                             fmt::format("Known settings: {}.", fmt::join(known_, ", ")));
    }
    if (problem_) return *problem_;
    return {};
  }

 private:
  const toml::table& table_;
  std::string name_;
  std::filesystem::path file_;
  std::vector<std::string> known_;
  std::optional<std::unexpected<Error>> problem_;
};

std::set<std::string> lower_set(const std::vector<std::string>& texts) {
  std::set<std::string> out;
  for (const auto& text : texts) out.insert(lower(text));
  return out;
}

Result<void> read_caller(const toml::table& table, const std::filesystem::path& file, ServeSettings& settings) {
  Values values(table, "service.caller", file);
  CallerLimits limits;
  const auto id = values.text("id");
  if (!is_guid(id)) values.complain(table, "service.caller.id must be the GUID of a user or an app");
  for (auto& name : values.texts("profiles")) limits.tenants.insert(std::move(name));
  limits.domains = lower_set(values.texts("domains"));
  limits.groups = lower_set(values.texts("groups"));
  if (const auto most = values.number("tokens_a_day", 0, 1'000'000, -1); most >= 0)
    limits.tokens_a_day = static_cast<std::size_t>(most);
  limits.may_export = values.flag("may_export", true);
  settings.limits.emplace_back(lower(id), std::move(limits));
  return values.finish();
}

void read_listen(Values& values, const toml::table& table, ServeSettings& settings) {
  const auto listen = values.text("listen", fmt::format("{}:{}", settings.address, settings.port));
  if (!read_listen_address(listen, settings))
    values.complain(*table.get("listen"), "service.listen must be ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443");
}

Result<ServeSettings> read_table(const toml::table& table, const std::filesystem::path& file) {
  ServeSettings settings;
  Values values(table, "service", file);
  const auto beside = [&](const std::string& path) {
    return path.empty() || path.starts_with('/') ? std::filesystem::path(path) : file.parent_path() / path;
  };
  read_listen(values, table, settings);
  settings.public_url = values.text("public_url");
  while (settings.public_url.ends_with('/')) settings.public_url.pop_back();
  if (!settings.public_url.empty() && !Url(settings.public_url).valid() &&
      !settings.public_url.starts_with("https://localhost"))
    values.complain(*table.get("public_url"), "service.public_url must be an https address");
  settings.certificate = beside(values.text("certificate"));
  settings.key = beside(values.text("key"));
  if (settings.certificate.empty() != settings.key.empty())
    values.complain(table, "service.certificate and service.key go together");
  settings.behind_proxy = values.flag("behind_proxy", false);
  settings.trusted_proxies = values.texts("trusted_proxies");
  settings.state = beside(values.text("state_dir"));
  settings.profiles = values.texts("profiles");
  settings.tenants = values.texts("tenants");
  for (const auto& tenant : settings.tenants) {
    if (!is_guid(tenant)) values.complain(*table.get("tenants"), "service.tenants must be a list of tenants' GUIDs");
  }
  settings.audiences = values.texts("audiences");
  if (settings.tenants.empty() != settings.audiences.empty())
    values.complain(table, "service.tenants and service.audiences go together");
  settings.cloud = values.text("cloud", "global");
  settings.checkpoint_file = beside(values.text("checkpoint_file"));
  settings.checkpoint_webhook = values.text("checkpoint_webhook");
  if (!settings.checkpoint_webhook.empty() && !Url(settings.checkpoint_webhook).valid())
    values.complain(*table.get("checkpoint_webhook"), "service.checkpoint_webhook must be an https address");
  settings.checkpoint_profile = values.text("checkpoint_profile");
  settings.checkpoint_syslog = values.flag("checkpoint_syslog", false);
  settings.requests_a_minute = static_cast<std::size_t>(values.number("requests_a_minute", 0, 1'000'000, 600));
  settings.mirror_age = std::chrono::minutes(values.number("mirror_minutes", 1, 10'080, 15));
  settings.rotate_every = std::chrono::hours(values.number("rotate_hours", 0, 24 * 60, 24));
  settings.keep_jobs = std::chrono::days(values.number("keep_jobs_days", 0, 3650, 90));
  if (const auto* paths = values.take("portal_paths"); paths != nullptr) {
    if (!paths->is_table())
      values.complain(*paths, "service.portal_paths must be a table of lists by profile");
    else
      for (const auto& [profile, list] : *paths->as_table()) {
        Values one(*paths->as_table(), "service.portal_paths", file);
        for (auto& path : one.texts(profile.str())) settings.portal_paths[std::string(profile.str())].insert(std::move(path));
      }
  }
  if (const auto* callers = values.take("caller"); callers != nullptr) {
    if (!callers->is_array_of_tables())
      values.complain(*callers, "service.caller must be written [[service.caller]]");
    else
      for (const auto& caller : *callers->as_array()) {
        if (auto read = read_caller(*caller.as_table(), file, settings); !read) return pass(read);
      }
  }
  if (auto fine = values.finish(); !fine) return pass(fine);
  return settings;
}

}  // namespace

bool read_listen_address(std::string_view text, ServeSettings& settings) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const auto port = text.substr(colon + 1);
  const auto [rest, wrong] = std::from_chars(port.data(), port.data() + port.size(), settings.port);
  settings.address = address;
  return wrong == std::errc() && rest == port.data() + port.size() && !address.empty();
}

Result<ServeSettings> load_serve_settings(const ProfileChoice& choice, const Environment& environment) {
  for (const auto& file : config_files(choice, environment)) {
    const auto there = file_exists(file);
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    auto config = parse_config(file);
    if (!config) return pass(config);
    if (const auto* table = config->get("service"); table != nullptr) return read_table(*table->as_table(), file);
  }
  return ServeSettings{};
}

}  // namespace portalkey
