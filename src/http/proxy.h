#pragma once
// Which proxy stands between us and a host: the profile's, or the environment's as curl reads it (curl(1), ENVIRONMENT).

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace portalkey {

struct Proxy {
  Secret url;          ///< for libcurl; may hold a user and a password. Made anew of the parts that were read.
  std::string shown;   ///< the same without them, for messages: `http://proxy.contoso.com:8080`
  std::string source;  ///< who says so: `https_proxy in the environment`, `proxy in the profile`
  bool has_credentials = false;
  std::string problem;  ///< why it is no proxy's address; empty if it is one
};

struct ProxySettings {
  std::optional<Proxy> proxy;  ///< empty: none
  std::string no_proxy;        ///< hosts that are reached directly, separated by commas or blanks; `*` is all
};

/// `from_profile` wins (`none`: no proxy whatever the environment says); otherwise https_proxy, HTTPS_PROXY, all_proxy,
/// ALL_PROXY. no_proxy or NO_PROXY holds in both cases. `environment` gives a variable's value, empty if it is not set.
ProxySettings proxy_settings(std::string_view from_profile, const std::function<std::string(const char*)>& environment);

/// As curl matches: a name stands for itself and everything below it, a leading dot makes no difference.
bool bypasses_proxy(std::string_view host, std::string_view no_proxy);

/// The proxy for a host of an https URL; nullptr: none.
const Proxy* proxy_for(std::string_view host, const ProxySettings& settings);

}  // namespace portalkey
