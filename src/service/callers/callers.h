#pragma once
// The Authenticator of the service: API keys and access tokens of Entra, told apart by how they begin.

#include <memory>
#include <string_view>

#include "service/callers/api_keys.h"
#include "service/callers/authenticator.h"
#include "service/callers/entra_tokens.h"
#include "service/callers/failed_calls.h"

namespace portalkey {

/// What everybody is told who is nobody here, whatever the reason.
inline constexpr std::string_view kNobody = "the request shows no access token or API key that is valid here";

/// `entra` without tenants and audiences: only API keys are taken, and `http` may be null. invalid_input: as make_entra_tokens.
///
/// Failures are counted by address; what fails beyond the limit is told it was too much, and not logged one by one. Who has
/// something valid gets in all the same: many share an address (a company's, Power Platform's), and one who fails on purpose
/// must not keep out the others. Nobody gains by guessing: a key has 200 bits of chance, a token a signature. A request that
/// shows nothing at all counts as no failure.
Result<std::unique_ptr<Authenticator>> make_authenticator(EntraTokenSettings entra, ApiKeys& keys, Http* http, Clock& clock,
                                                          FailureLimit limit = {});

}  // namespace portalkey
