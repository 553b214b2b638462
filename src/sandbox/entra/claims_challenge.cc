#include "sandbox/entra/claims_challenge.h"

#include <algorithm>

#include "base/base64.h"

namespace portalkey::sandbox {

namespace {

std::string insufficient_claims(const SandboxCloud& cloud, std::string_view claims) {
  return "Bearer realm=\"\", authorization_uri=\"https://" + std::string(cloud.authority) +
         "/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"" + base64(claims) + '"';
}

}  // namespace

bool can_challenge(std::string_view service) {
  return service == "vault" || service == "arm" || service == "graph" || service == "portal";
}

std::optional<std::string> claims_challenge(const World& world, const SandboxCloud& cloud, std::string_view service,
                                            const AccessClaims& token) {
  const auto since = world.state.policy.claims_challenges.find(std::string(service));
  if (since == world.state.policy.claims_challenges.end()) return std::nullopt;
  if (token.iat > since->second || token.asked_not_before >= since->second) return std::nullopt;
  const std::string claims =
      R"({"access_token":{"nbf":{"essential":true,"value":")" + std::to_string(since->second) + R"("}}})";
  return insufficient_claims(cloud, claims);
}

std::optional<std::string> mandatory_mfa_challenge(const World& world, const SandboxCloud& cloud, std::string_view method,
                                                   const AccessClaims& token) {
  const bool change = method == "PUT" || method == "PATCH" || method == "DELETE";
  if (!world.state.policy.mandatory_mfa || !change || token.mfa || token.upn.empty()) return std::nullopt;
  return insufficient_claims(cloud, R"({"access_token":{"acrs":{"essential":true,"values":["p1"]}}})");
}

}  // namespace portalkey::sandbox
