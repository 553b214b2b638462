#pragma once
// Credentials of an application: what it proves itself with is a secret, a certificate, or a token of somebody Entra trusts.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "entra/credentials/credential.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

/// Reads a secret anew for each request, so that a renewed file is seen.
using SecretSource = std::function<Result<Secret>()>;

struct AppIdentity {
  TokenEndpoint endpoint;  ///< of the application's tenant
  std::string client_id;
};

std::unique_ptr<Credential> make_client_secret_credential(AppIdentity app, SecretSource secret, Clock& clock);

/// `certificate`: the bytes of a PEM or PFX file; `password` may give an empty one. Signs with PS256; an authority that does
/// not know it (AADSTS700027, 50027) is asked again with RS256, and from then on always.
std::unique_ptr<Credential> make_client_certificate_credential(AppIdentity app, SecretSource certificate, SecretSource password,
                                                               Clock& clock, Random& random);

/// `token_file`: holds the outside token (Kubernetes, a pipeline), renewed by whoever put it there.
std::unique_ptr<Credential> make_workload_identity_credential(AppIdentity app, std::filesystem::path token_file, Clock& clock);

}  // namespace portalkey
