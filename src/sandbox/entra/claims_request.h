#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace portalkey::sandbox {

/// What the parameter `claims` of a token request asks of the access token.
struct ClaimsRequest {
  bool cp1 = false;             ///< the client understands claims challenges
  std::int64_t not_before = 0;  ///< of a challenge that is being answered: Unix seconds
  bool mfa = false;             ///< the authentication context `p1` is demanded, which is Azure's own for MFA
};

/// Other claims are ignored, as Entra does with what it does not know. nullopt if the text is not a JSON object.
std::optional<ClaimsRequest> read_claims_request(std::string_view text);

}  // namespace portalkey::sandbox
