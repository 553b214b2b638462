#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "entra/oauth/client_certificate.h"

namespace portalkey {

/// A JWT with which an application proves that it has the certificate's key; valid for ten minutes. PS256 names the
/// certificate by `x5t#S256`, RS256 by `x5t` (SHA-1), as Entra expects them.
/// Source: learn.microsoft.com/entra/identity-platform/certificate-credentials.
/// `audience`: the token endpoint's URL. `id`: a fresh GUID.
Secret client_assertion(const ClientCertificate& certificate, SignatureAlgorithm algorithm, std::string_view client_id,
                        std::string_view audience, std::string_view id, WallTime now);

}  // namespace portalkey
