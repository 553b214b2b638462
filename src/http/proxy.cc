#include "http/proxy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/percent_encoding.h"
#include "http/parsed_uri.h"

namespace portalkey {
namespace {

constexpr std::string_view kSchemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }

/// User and password with everything encoded that would end them early; what is encoded already stays.
std::string encoded_credentials(std::string_view text) {
  std::string out;
  out.reserve(3 * text.size());  // so that growing leaves no copies
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded = text[i] == '%' && i + 2 < text.size() && is_hexadecimal(text[i + 1]) && is_hexadecimal(text[i + 2]);
    if (encoded || std::string_view(":!$&'()*+,;=").contains(text[i])) {
      out += text[i];
    } else {
      append_percent_encoded(out, text.substr(i, 1));
    }
  }
  return out;
}

/// Of what is no address: enough to find it again.
std::string harmless_part(std::string_view text) {
  std::string out(text.substr(0, 60));
  std::ranges::replace_if(
      out,
      [](char c) {
        return !std::string_view("-_.:[]").contains(c) && !is_hexadecimal(c) && (to_lower(c) < 'a' || to_lower(c) > 'z');
      },
      '?');
  return out;
}

Proxy describe(std::string text, std::string source) {
  Proxy proxy;
  proxy.source = std::move(source);
  const auto colon = text.find("://");
  const std::string scheme = colon == std::string::npos ? "http" : lower(std::string_view(text).substr(0, colon));
  const std::string_view rest = std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 3);
  // All before the last @ counts as credentials, even where a password with / or # in it makes no URL.
  const auto at = rest.rfind('@');
  proxy.has_credentials = at != std::string_view::npos;
  const std::string_view place = proxy.has_credentials ? rest.substr(at + 1) : rest;
  const auto known = std::ranges::find(kSchemes, scheme);
  const std::string bare = fmt::format("{}://{}", known == std::end(kSchemes) ? "http" : *known, place);
  const auto parsed = parsed_uri(bare);
  if (known == std::end(kSchemes)) {
    proxy.problem = "its scheme is none of http, https, socks4, socks4a, socks5 and socks5h";
  } else if (!parsed || parsed->encoded_host().empty() || std::string_view(parsed->encoded_host()).contains('%') ||
             (parsed->has_port() && port_of(*parsed) == 0)) {
    proxy.problem = "it is not formed as HOST:PORT";
  }
  if (proxy.problem.empty()) {
    const std::string port = parsed->has_port() ? fmt::format(":{}", port_of(*parsed)) : "";
    const std::string host(parsed->encoded_host());
    proxy.shown = fmt::format("{}://{}{}", scheme, host, port);
    std::string whole = scheme + "://";
    if (proxy.has_credentials) {
      std::string credentials = encoded_credentials(rest.substr(0, at));
      whole.reserve(whole.size() + credentials.size() + host.size() + port.size() + 1);
      whole.append(credentials).append("@");
      wipe(credentials);
    }
    whole.append(host).append(port);
    proxy.url = Secret(whole);
    wipe(whole);
  } else {
    proxy.shown = harmless_part(place.substr(0, place.find_first_of("/?#")));
  }
  wipe(text);
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
