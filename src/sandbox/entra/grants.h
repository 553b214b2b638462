#pragma once
// The grants of the token endpoint, and what they share.

#include <string>

#include "sandbox/entra/call.h"
#include "sandbox/entra/claims_request.h"

namespace portalkey::sandbox {

HttpResponse refresh_grant(EntraCall& call, const Client& client);
HttpResponse device_code_grant(EntraCall& call, const Client& client);
HttpResponse authorization_code_grant(EntraCall& call, const Client& client);
HttpResponse client_credentials_grant(EntraCall& call, const Client& client);
HttpResponse on_behalf_of_grant(EntraCall& call, const Client& client);

/// Who calls: client id and credential, from the body or from a Basic header.
struct Identified {
  Client client;
  int error = 0;       ///< 0, or the AADSTS code of the refusal
  std::string detail;  ///< for its text
};
Identified identify(const EntraCall& call);

struct SignIn {
  SandboxUser* user = nullptr;
  bool mfa = false;
  bool first = false;  ///< a person's sign-in, not a refresh
  std::string nonce;
  bool single_page = false;       ///< its refresh tokens end after a day
  std::int64_t session_ends = 0;  ///< of a refresh token's predecessor
  std::string tenant{};           ///< that the tokens name, if it is not the right one
};

/// The token answer of a user's sign-in or refresh; saves the refresh token it gives.
HttpResponse user_token_answer(EntraCall& call, const Client& client, const SignIn& sign_in, const Wanted& wanted,
                               const Resource& resource);

/// 0, or the code for an account that may not sign in.
int judge_user(const SandboxUser* user);
/// 0, or the code that policy has for a new sign-in.
int judge_sign_in(const World& world, bool mfa);

/// The parameter `claims`, if there is one. nullopt if it cannot be read.
std::optional<ClaimsRequest> claims_of(const EntraCall& call);

}  // namespace portalkey::sandbox
