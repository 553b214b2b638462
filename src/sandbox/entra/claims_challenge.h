#pragma once
// Continuous access evaluation: a resource that no longer trusts tokens it has seen asks for ones with better claims.
// Source: learn.microsoft.com/entra/identity-platform/claims-challenge.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/entra/access_tokens.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

/// The services that the policy `claimsChallenge` can name.
bool can_challenge(std::string_view service);

/// The value of the `WWW-Authenticate` header to go with a 401, if the policy has `service` (`vault`, `arm`, `graph`,
/// `portal`) challenge and this token was issued before. A token that was asked for with the challenge's `claims` passes,
/// as does any issued in a later second. Clients that never said they understand challenges (`xms_cc` without `CP1`) are
/// challenged too, so that a test finds out what they make of it.
std::optional<std::string> claims_challenge(const World& world, const SandboxCloud& cloud, std::string_view service,
                                            const AccessClaims& token);

/// The same for a change at Resource Manager by a user whose token is without MFA, if the policy `mandatoryMfa` is on. Source:
/// learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication.
std::optional<std::string> mandatory_mfa_challenge(const World& world, const SandboxCloud& cloud, std::string_view method,
                                                   const AccessClaims& token);

}  // namespace portalkey::sandbox
