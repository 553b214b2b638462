#pragma once

#include <string_view>

#include "base/error.h"

namespace portalkey {

enum class CredentialType {
  automatic,  ///< the first that fits, in the order of the Azure SDKs
  client_secret,
  client_certificate,
  workload_identity,
  managed_identity,
  azure_cli,
  device_code,
  browser,
};

/// As the profile and `--credential` spell it: `auto`, `client_secret` …
std::string_view name_of(CredentialType type);
/// invalid_input with the names there are.
Result<CredentialType> find_credential_type(std::string_view name);

}  // namespace portalkey
