#pragma once
// The table [service] of a config file: how the service runs. docs/service.md lists every setting.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/profile/profile.h"
#include "service/callers/caller.h"

namespace portalkey {

struct ServeSettings {
  std::string address = "127.0.0.1";       ///< an IP address of this machine
  std::uint16_t port = 8443;               ///< 0: the system chooses
  std::string public_url;                  ///< as callers reach it; empty: by address and port
  std::filesystem::path certificate, key;  ///< PEM; empty: one for localhost is made
  bool behind_proxy = false;               ///< plain HTTP, for a proxy that ends TLS
  std::vector<std::string> trusted_proxies;
  std::filesystem::path state;                                ///< empty: beside the profiles' states
  std::vector<std::string> profiles;                          ///< served; empty: every one of the config file
  std::vector<std::string> tenants;                           ///< GUIDs, whose access tokens are accepted; empty: none
  std::vector<std::string> audiences;                         ///< application id or its URI; needed with `tenants`
  std::string cloud = "global";                               ///< where those tenants are
  std::vector<std::pair<std::string, CallerLimits>> limits;   ///< by object id of a user or id of an app
  std::map<std::string, std::set<std::string>> portal_paths;  ///< by profile: `POST /api/…` that may be called too
  std::filesystem::path checkpoint_file;                      ///< a line for each checkpoint of the audit trail; empty: none
  std::string checkpoint_webhook;                             ///< an https address that takes them; empty: none
  std::string checkpoint_profile;                             ///< whose Key Vault takes them; empty: none
  bool checkpoint_syslog = false;
  std::size_t requests_a_minute = 600;
  std::chrono::minutes mirror_age{15};  ///< how old the copy of the tokens may become
  std::chrono::hours rotate_every{24};  ///< 0: never by itself
  std::chrono::days keep_jobs{90};      ///< that have ended; 0: for ever
};

/// `ADDRESS:PORT`, an IPv6 address in brackets. False: it is none.
bool read_listen_address(std::string_view text, ServeSettings& settings);

/// Of the first config file that has the table; the defaults where none has. invalid_input names file, line and setting.
Result<ServeSettings> load_serve_settings(const ProfileChoice& choice, const Environment& environment);

}  // namespace portalkey
