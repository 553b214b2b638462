#pragma once

#include <string_view>

#include "entra/credentials/credential_type.h"

namespace portalkey {

/// The same refusal in the terms of the credential that met it: entra/oauth/aadsts.h speaks of the service account's session,
/// where "sign in again" helps; a service principal cannot, and a certificate is renewed otherwise than a secret. `client_id`
/// is for the commands in the remedies; `detail`: the certificate's thumbprint or the token file.
Error explain_for(CredentialType type, std::string_view client_id, std::string_view detail, Error error);

}  // namespace portalkey
