#pragma once
// Runs the service in this process: what the settings name is opened, wired and served until a signal ends it.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "app/interaction.h"
#include "service/run/served_profiles.h"

namespace portalkey {

struct ServiceStarted {
  std::string url;
  std::filesystem::path state;
  std::filesystem::path certificate;  ///< that callers must trust; empty: one that the settings name
  std::string first_key;  ///< an API key that may do everything, made because there was none; shown once. Empty: none
  std::vector<std::string> tenants;
};

/// SIGTERM and SIGINT end it: requests in flight are answered, jobs stop at a safe place and go on after the next start. SIGHUP
/// reads certificate and settings again. `asks`: for passphrases, before anything is served; afterwards nobody is asked.
/// `started` is called once it serves.
Result<void> run_service(const ServeWishes& wishes, const Environment& environment, Interaction& asks,
                         const std::function<void(const ServiceStarted&)>& started);

}  // namespace portalkey
