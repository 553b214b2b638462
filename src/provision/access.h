#pragma once
// The last step of a set-up: the app signs in with its own credential and the vault lets it in.

#include <functional>
#include <string>

#include "azure/azure.h"

namespace portalkey {

/// Role assignments reach Key Vault after up to ten minutes, a new secret or certificate the token endpoint after up to two,
/// and a new vault's name the DNS at some moment: refusals that can be that are waited out. `azure.admin` is not used.
Result<void> wait_for_access(const Azure& azure, Credential& app, const std::string& vault_url, const std::string& secret_name,
                             const std::function<void(std::string_view)>& say);

}  // namespace portalkey
