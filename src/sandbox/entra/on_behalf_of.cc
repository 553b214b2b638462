// On behalf of: an API exchanges the token that a user's app called it with for one to another API.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow.

#include "base/time_text.h"
#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/grants.h"

namespace portalkey::sandbox {
namespace {

/// 0, or the code for an assertion that is no user's token, none for this client, or not good now.
int judge_assertion_token(const World& world, const Client& client, const AccessClaims& claims) {
  if (claims.app_only) return 7000114;
  if (claims.scp.empty()) return 240002;
  const auto audience = find_resource(world, claims.aud);
  if (!audience || audience->app_id != client.id) return 500131;
  const std::int64_t now = world.clock.seconds();
  return now >= claims.exp || now + 300 < claims.nbf ? 500133 : 0;
}

}  // namespace

HttpResponse on_behalf_of_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  for (const std::string_view needed : {"assertion", "requested_token_use"}) {
    if (call.parameter(needed)) continue;
    details.value = needed;
    return call.error(900144, details);
  }
  if (call.parameter("requested_token_use") != "on_behalf_of") {
    details.value = "requested_token_use";
    return call.error(90023, details);
  }
  if (!client.confidential) return call.error(7000218, details);
  const auto claims = read_access_token(world, *call.parameter("assertion"));
  if (!claims) return call.error(50013, details);
  details.value = claims->aud;
  if (const int error = judge_assertion_token(world, client, *claims); error != 0) return call.error(error, details);

  Wanted wanted;
  if (const int error = read_wanted(call, wanted); error != 0) return call.error(error, details);
  if (wanted.identifier.empty()) {
    details.value = call.version1 ? "resource" : "scope";
    return call.error(900144, details);
  }
  details.resource = wanted.identifier;
  SandboxUser* user = find_user_by_oid(world, claims->oid);
  details.user = claims->upn;
  if (const int error = judge_user(user); error != 0) return call.error(error, details);
  if (claims->sequence <= user->revoked_through) {
    details.issued = iso7(claims->iat);
    details.value = iso7(user->revoked_at);
    return call.error(50173, details);
  }
  const auto resource = find_resource(world, wanted.identifier);
  if (const int error = why_not(world, client, resource); error != 0) return call.error(error, details);
  // What only the person could settle, the app that called has to ask for.
  if (const int error = judge_sign_in(world, claims->mfa); error != 0) {
    return call.error(error, details, error == 50076 || error == 50079 ? "interaction_required" : "");
  }
  return user_token_answer(call, client, {user, claims->mfa, false, {}}, wanted, *resource);
}

}  // namespace portalkey::sandbox
