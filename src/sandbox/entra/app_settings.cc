#include "sandbox/entra/app_settings.h"

#include <utility>

#include "base/ascii.h"

namespace portalkey::sandbox {
namespace {

constexpr std::pair<std::string_view, Platform> kPlatforms[] = {
    {"web", Platform::web}, {"spa", Platform::spa}, {"publicClient", Platform::public_client}};
constexpr std::string_view kFirstPartyRedirects[] = {
    "http://localhost", "https://login.microsoftonline.com/common/oauth2/nativeclient", "urn:ietf:wg:oauth:2.0:oob"};

struct Uri {
  std::string scheme, host, port, rest;
};

Uri parts_of(std::string_view text) {
  Uri out;
  const auto colon = text.find(':');
  out.scheme = lower(text.substr(0, colon));
  if (colon == std::string_view::npos || !text.substr(colon).starts_with("://")) {
    out.rest = colon == std::string_view::npos ? text : text.substr(colon + 1);
    return out;
  }
  text.remove_prefix(colon + 3);
  const auto end = text.find_first_of("/?#");
  const std::string_view authority = text.substr(0, end);
  const auto port = authority.rfind(':');
  out.host = lower(authority.substr(0, port));
  if (port != std::string_view::npos) out.port = authority.substr(port + 1);
  out.rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  if (out.rest.empty()) out.rest = "/";
  return out;
}

bool matches(std::string_view registered, std::string_view asked) {
  const Uri a = parts_of(registered);
  const Uri b = parts_of(asked);
  const bool loopback = a.scheme == "http" && (a.host == "localhost" || a.host == "127.0.0.1");
  return a.scheme == b.scheme && a.host == b.host && a.rest == b.rest && (loopback || a.port == b.port);
}

}  // namespace

json::object settings_of(const SandboxApp& app) { return parse_json_object(app.settings).value_or(json::object()); }

const json::value* setting(const json::object& settings, std::initializer_list<std::string_view> path) {
  const json::object* object = &settings;
  const json::value* value = nullptr;
  for (const auto name : path) {
    if (object == nullptr) return nullptr;
    value = member(*object, name);
    object = value == nullptr ? nullptr : value->if_object();
  }
  return value;
}

std::vector<std::string> setting_strings(const json::object& settings, std::initializer_list<std::string_view> path) {
  std::vector<std::string> out;
  const auto* value = setting(settings, path);
  if (value == nullptr || !value->is_array()) return out;
  for (const auto& item : value->get_array()) {
    if (item.is_string()) out.emplace_back(view(item.get_string()));
  }
  return out;
}

std::optional<Platform> platform_of(const SandboxApp* app, std::string_view uri) {
  if (uri.find('#') != std::string_view::npos) return std::nullopt;
  if (app == nullptr) {
    for (const auto registered : kFirstPartyRedirects) {
      if (matches(registered, uri)) return Platform::public_client;
    }
    return std::nullopt;
  }
  const auto settings = settings_of(*app);
  for (const auto& [name, platform] : kPlatforms) {
    for (const auto& registered : setting_strings(settings, {name, "redirectUris"})) {
      if (matches(registered, uri)) return platform;
    }
  }
  return std::nullopt;
}

std::string default_redirect_uri(const SandboxApp* app) {
  if (app == nullptr) return std::string(kFirstPartyRedirects[1]);
  const auto settings = settings_of(*app);
  for (const auto& [name, platform] : kPlatforms) {
    const auto uris = setting_strings(settings, {name, "redirectUris"});
    if (!uris.empty()) return uris.front();
  }
  return {};
}

bool allows_public_flows(const SandboxApp& app) {
  const auto settings = settings_of(app);
  if (const auto said = bool_member(settings, "isFallbackPublicClient")) return *said;
  return !setting_strings(settings, {"publicClient", "redirectUris"}).empty() &&
         setting_strings(settings, {"web", "redirectUris"}).empty() &&
         setting_strings(settings, {"spa", "redirectUris"}).empty();
}

int access_token_version(const SandboxApp& app) {
  const auto settings = settings_of(app);
  const auto* version = setting(settings, {"api", "requestedAccessTokenVersion"});
  return version != nullptr && version->is_int64() && version->get_int64() == 2 ? 2 : 1;
}

}  // namespace portalkey::sandbox
