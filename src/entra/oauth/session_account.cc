#include "entra/oauth/session_account.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace portalkey {
namespace {

constexpr const char* kRightAccount =
    "Sign in with the right account: [[sign-in]]; or correct tenant and service_account in the profile.";

std::unexpected<Error> refuse(const AccessTokenClaims& claims, std::string what) {
  return std::unexpected(Error{Errc::forbidden,
                               std::move(what) + "; nothing was stored",
                               kRightAccount,
                               {{"account", claims.account}, {"tenant", claims.tenant}}});
}

bool differ(const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && !same_ignoring_case(a, b); }

}  // namespace

Result<AccessTokenClaims> whose(const TokenAnswer& answer) {
  auto access = read_claims(answer.access_token);
  auto id = read_claims(answer.id_token);
  if (!access && !id) {
    return fail(Errc::internal,
                "neither the access token nor the id token of Entra's answer says whose it is; nothing was stored",
                "The session that was there is kept. Check whether a proxy answers in Entra's place.");
  }
  if (!access) {
    id->delegated = true;  // only people have id tokens
    return id;
  }
  if (!id) return access;
  if (differ(access->tenant, id->tenant) || differ(access->object_id, id->object_id)) {
    return refuse(*access, fmt::format("the tokens of Entra's answer contradict each other: one is {}'s, the other {}'s",
                                       access->account, id->account));
  }
  if (access->tenant.empty()) access->tenant = id->tenant;
  if (access->object_id.empty()) access->object_id = id->object_id;
  if (access->account.empty()) access->account = id->account;
  return access;
}

Result<AccessTokenClaims> judge_account(const TokenAnswer& answer, const ExpectedAccount& expected) {
  auto claims = whose(answer);
  if (!claims) return claims;
  const std::string who = claims->account.empty() ? "an account without a name (" + claims->object_id + ")" : claims->account;
  if (!same_ignoring_case(claims->tenant, expected.tenant_id)) {
    return refuse(*claims, fmt::format("the sign-in of {} is at tenant {}, not at the profile's tenant {}", who,
                                       claims->tenant.empty() ? "(not said)" : claims->tenant, expected.tenant_id));
  }
  if (!expected.account.empty() && !same_ignoring_case(claims->account, expected.account)) {
    return refuse(*claims, fmt::format("{} is signed in, but the profile's service account is {}", who, expected.account));
  }
  // An account may be renamed; its object id stays.
  const bool by_id = !expected.recorded_id.empty() && !claims->object_id.empty();
  const bool another =
      by_id ? !same_ignoring_case(claims->object_id, expected.recorded_id)
            : expected.account.empty() && !expected.recorded.empty() && !same_ignoring_case(claims->account, expected.recorded);
  if (another) {
    return refuse(*claims, fmt::format("{} is signed in (object id {}), but this session is {}'s{}", who, claims->object_id,
                                       expected.recorded.empty() ? "another account" : expected.recorded,
                                       by_id ? fmt::format(" (object id {})", expected.recorded_id) : ""));
  }
  if (claims->account.empty() && claims->object_id.empty()) {
    return fail(Errc::internal, "the tokens of Entra's answer do not say whose they are; nothing was stored",
                "The session that was there is kept. Check whether a proxy answers in Entra's place.");
  }
  return claims;
}

}  // namespace portalkey
