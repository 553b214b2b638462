#pragma once
// Starts the service account's session: first whoever may open the vault, so that a vault that cannot be used is known before a
// person signs in; then the sign-in, or a refresh token obtained elsewhere, which is judged before it is stored.

#include <optional>
#include <string>

#include "app/tenant/tenant.h"

namespace portalkey {

struct SignInPlace {
  std::string vault;
  std::string opened_by;         ///< empty: it is a file
  std::string previous_account;  ///< whose session it holds now; empty: nobody's, or not recorded
};

/// Makes sure that a new refresh token can be kept.
Result<SignInPlace> prepare_sign_in(Tenant& tenant);

struct SignInOptions {
  bool device_code =
      false;              ///< instead of a web browser's sign-in; many tenants block it, and sessions that begin by it end then
  bool any_role = false;  ///< also an account that may not manage hardware OATH tokens
};

struct SignedIn {
  std::string account, tenant;
  std::string roles;                ///< those that may manage tokens: `Global Administrator`
  std::string vault_version;        ///< of the secret, as stored
  std::string previous_account;     ///< whose session it was, if it was another's
  bool without_mfa = false;         ///< a policy that demands it will end this session
  std::optional<Error> not_stored;  ///< the refresh token is in the escrow only; the next run stores it
};

/// invalid_input: it has characters that no refresh token has.
Result<void> check_refresh_token(const Secret& refresh_token);

/// Asks a person to sign in, for twenty minutes at most.
Result<SignedIn> sign_in(Tenant& tenant, const SignInPlace& place, const SignInOptions& options);
/// With what lies in the vault, which another tool has put there: it is redeemed, judged like any other, and its successor
/// stored as a session's. needs_person: there is nothing.
Result<SignedIn> adopt_stored(Tenant& tenant, const SignInPlace& place, bool any_role);
/// With a refresh token obtained elsewhere.
Result<SignedIn> sign_in_with(Tenant& tenant, const SignInPlace& place, const Secret& refresh_token, bool any_role);

}  // namespace portalkey
