// Client credentials: a token for the app itself.

#include <algorithm>

#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {

HttpResponse client_credentials_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  if (call.any_tenant()) return call.error(50059, details);
  if (!client.confidential) return call.error(7000218, details);
  details.tenant = world.state.tenant_id;
  const auto* principal = find_service_principal(world, client.id);
  if (principal == nullptr || !is_replicated(world, principal->object_id, principal->created)) {
    return call.error(7000229, details);
  }
  Wanted wanted;
  if (const int code = read_wanted(call, wanted); code != 0) return call.error(code, details);
  if (!call.version1) {
    details.value = call.parameter("scope").value_or("scope");
    if (wanted.scopes.empty()) return call.error(900144, details);
    const bool all_default = std::ranges::all_of(wanted.scopes, [](const auto& scope) { return scope.ends_with("/.default"); });
    if (!all_default) return call.error(1002012, details);
  } else if (wanted.identifier.empty()) {
    details.value = "resource";
    return call.error(900144, details);
  }
  const auto resource = find_resource(world, wanted.identifier);
  details.resource = wanted.identifier;
  if (!resource) return call.error(500011, details);
  details.value.clear();
  if (const int forced = world.state.policy.workload_error; forced != 0) return call.error(forced, details);
  const auto claims = claims_of(call);
  if (!claims) return call.error(9002313, details);

  TokenRequest token;
  token.cloud = &call.cloud;
  token.client_id = client.id;
  token.confidential = true;
  token.by_certificate = client.by_certificate;
  token.resource = *resource;
  token.audience = wanted.identifier;
  token.lifetime = world.options.access_token_lifetime ? draw_lifetime(world) : 3599;
  token.claims = *claims;
  json::object body{{"token_type", "Bearer"}};
  if (call.version1) {
    const std::int64_t now = world.clock.seconds();
    body["expires_in"] = std::to_string(token.lifetime);
    body["ext_expires_in"] = std::to_string(token.lifetime);
    body["expires_on"] = std::to_string(now + token.lifetime);
    body["not_before"] = std::to_string(now);
    body["resource"] = wanted.identifier;
  } else {
    body["expires_in"] = token.lifetime;
    body["ext_expires_in"] = token.lifetime;
  }
  body["access_token"] = make_access_token(world, token);
  return json_answer(200, body);
}

}  // namespace portalkey::sandbox
