#pragma once
// Access and id tokens: JWTs with the claims that Entra's have.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/entra/claims_request.h"
#include "sandbox/entra/resources.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct TokenRequest {
  const SandboxCloud* cloud = nullptr;
  const SandboxUser* user = nullptr;  ///< nullptr: the app itself
  std::string client_id;
  bool confidential = false;
  bool by_certificate = false;  ///< confidential, by an assertion instead of a secret
  Resource resource;
  std::string audience;  ///< the resource as the client spelt it
  std::string scope;     ///< `scp`
  bool mfa = false;
  std::int64_t sequence = 0;  ///< of the sign-in, so that a revocation reaches this token
  std::string nonce;
  std::string tenant;         ///< `tid`, if it is not the right one
  std::int64_t lifetime = 0;  ///< seconds
  ClaimsRequest claims;
  std::string managed_resource;  ///< of a managed identity: the Azure resource that has it
};

/// 60 to 90 minutes, or what the options say.
std::int64_t draw_lifetime(World& world);
std::string make_access_token(World& world, const TokenRequest& request);
std::string make_id_token(World& world, const TokenRequest& request, bool version1);

/// What the resources look at.
struct AccessClaims {
  std::string aud, iss, tid, oid, upn, scp, app_id;
  std::int64_t iat = 0, nbf = 0, exp = 0;
  std::int64_t sequence = 0;
  std::int64_t asked_not_before = 0;  ///< of the claims challenge that the token answers
  bool mfa = false;
  std::vector<std::string> roles = {};  ///< app roles
  bool app_only = false;
};

/// The claims of a token that the sandbox signed; nullopt for any other text. Times are not judged.
std::optional<AccessClaims> read_access_token(const World& world, std::string_view token);

/// The token of an `Authorization: Bearer` header; nullopt without one.
std::optional<std::string_view> bearer_of(const HttpRequest& request);

/// The claim `sub`: different for each user and each client (of id tokens) or audience (of access tokens).
std::string pairwise_subject(std::string_view oid, std::string_view audience);

std::string v1_issuer(const World& world, const SandboxCloud& cloud);
std::string v2_issuer(const World& world, const SandboxCloud& cloud);

}  // namespace portalkey::sandbox
