#pragma once

#include <string>
#include <string_view>

namespace portalkey {

/// The `claims` parameter of a token request: says that this client answers claims challenges (capability `cp1`, so that Entra
/// issues long-lived tokens that can be revoked at once), and demands what `challenge` (JSON, may be empty) demands.
/// Source: learn.microsoft.com/entra/identity-platform/claims-challenge.
std::string claims_parameter(std::string_view challenge);

}  // namespace portalkey
