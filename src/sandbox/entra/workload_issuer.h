#pragma once
// An identity provider outside Entra, such as a Kubernetes cluster: it gives workloads the tokens that federated
// credentials trust. The sandbox hosts one, and can verify no other, because it fetches no keys from anywhere.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

/// What a federated credential names as its issuer: `https://oidc.sandbox.test/{tenant id}/`.
std::string workload_issuer(const World& world);

struct WorkloadToken {
  std::string issuer;  ///< empty: `workload_issuer`
  std::string subject;
  std::string audience = "api://AzureADTokenExchange";
  std::chrono::seconds lifetime{3600};  ///< negative: expired already
};

/// A JWT (RS256) for a file that `AZURE_FEDERATED_TOKEN_FILE` names.
std::string make_workload_token(World& world, const WorkloadToken& token);

/// Whether the sandbox has the keys of that issuer: its own, and Entra's for this tenant.
bool knows_keys_of(const World& world, std::string_view issuer);

}  // namespace portalkey::sandbox
