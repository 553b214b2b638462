#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sandbox/world/options.h"

namespace portalkey::sandbox {

/// What whoever wants to use the sandbox has to know.
struct SandboxReady {
  std::string line;              ///< of JSON: ports, CA file, tenant, accounts; the same is in `sandbox.json` in the folder
  std::filesystem::path folder;  ///< absolute
  std::uint16_t admin_port = 0;
  std::string domain, service_account, client_id;
  std::string vault_url;  ///< empty: the subscription is empty
  bool auto_approve = false;
  bool graph_granted = false;           ///< the app registration has Graph's permissions for hardware OATH tokens
  std::vector<std::string> only_users;  ///< UPNs, where no others exist
};

/// Serves the emulated cloud on loopback until SIGINT or SIGTERM. Calls `ready` once it answers.
Result<void> run_sandbox(const SandboxOptions& options, const std::function<void(const SandboxReady&)>& ready);

}  // namespace portalkey::sandbox
