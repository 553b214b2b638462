#pragma once
// The identity that Azure gives a machine, a web app or a shell: an endpoint of plain HTTP within reach of that machine only.
// Source: learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token; the Azure SDKs' detection
// order and retry table; learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication.

#include <filesystem>
#include <memory>
#include <string>

#include "entra/credentials/credential.h"
#include "entra/credentials/environment.h"

namespace portalkey {

class Clock;

enum class ManagedIdentityHost {
  app_service,       ///< App Service, Functions, Container Apps (2019-08-01)
  app_service_2017,  ///< the same, older
  cloud_shell,
  azure_arc,
  service_fabric,  ///< recognised and refused: its endpoint has a self-signed certificate of its own
  imds,            ///< virtual machine, scale set, AKS node: if nothing else says what this is
};
std::string_view name_of(ManagedIdentityHost host);

struct ManagedIdentityPlace {
  ManagedIdentityHost host = ManagedIdentityHost::imds;
  Url endpoint;                   ///< Url::local, without query
  std::string_view setting = "";  ///< the environment variable that names it; empty: nothing does
  Secret key;                     ///< App Service's header
  std::filesystem::path arc_folder = "/var/opt/azcmagent/tokens";
};

/// Reads the environment only.
ManagedIdentityPlace find_managed_identity(const Environment& environment);

/// Is there an instance metadata service? One request of at most a second, without the header that it insists on: its refusal
/// (400) proves it. unavailable says what came instead.
Result<void> probe_imds(Http& local, const ManagedIdentityPlace& place, const Clock& clock, std::stop_token stop);

/// `client_id`: of a user-assigned identity; empty for the system-assigned one. not_found: there is an endpoint, but the
/// machine has no such identity. `local`: http/local_http.h.
std::unique_ptr<Credential> make_managed_identity_credential(Http& local, ManagedIdentityPlace place, std::string client_id,
                                                             Clock& clock);

}  // namespace portalkey
