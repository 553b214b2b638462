#include "http/proxy.h"

#include "base/ascii.h"

namespace portalkey {
namespace {

Proxy describe(std::string url, std::string source) {
  Proxy proxy;
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  // All before the last @ counts as credentials, even where a password with / or # in it makes no URL.
  const auto at = url.rfind('@');
  proxy.has_credentials = at != std::string::npos;
  const auto host = proxy.has_credentials ? at + 1 : begin;
  const auto end = std::min(url.find_first_of("/?#", host), url.size());
  proxy.shown = (scheme == std::string::npos ? "http://" : url.substr(0, begin)) + url.substr(host, end - host);
  proxy.url = Secret(url);
  proxy.source = std::move(source);
  wipe(url);
  return proxy;
}

}  // namespace

ProxySettings proxy_settings(std::string_view from_profile, const std::function<std::string(const char*)>& environment) {
  ProxySettings settings;
  settings.no_proxy = environment("no_proxy");
  if (settings.no_proxy.empty()) settings.no_proxy = environment("NO_PROXY");
  if (from_profile == "none") return settings;
  if (!from_profile.empty()) {
    settings.proxy = describe(std::string(from_profile), "proxy in the profile");
    return settings;
  }
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    if (auto url = environment(name); !url.empty()) {
      settings.proxy = describe(std::move(url), std::string(name) + " in the environment");
      break;
    }
  }
  return settings;
}

bool bypasses_proxy(std::string_view host, std::string_view no_proxy) {
  if (trimmed(no_proxy) == "*") return true;
  const std::string name = lower(host);
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(", \t"), no_proxy.size());
    std::string entry = lower(no_proxy.substr(0, end));
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    while (entry.starts_with('.')) entry.erase(0, 1);
    while (entry.ends_with('.')) entry.pop_back();
    if (entry.empty()) continue;
    if (name == entry || (name.size() > entry.size() && name.ends_with(entry) && name[name.size() - entry.size() - 1] == '.'))
      return true;
  }
  return false;
}

const Proxy* proxy_for(std::string_view host, const ProxySettings& settings) {
  if (!settings.proxy || bypasses_proxy(host, settings.no_proxy)) return nullptr;
  return &*settings.proxy;
}

}  // namespace portalkey
