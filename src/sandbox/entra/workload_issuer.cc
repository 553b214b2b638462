#include "sandbox/entra/workload_issuer.h"

#include "sandbox/entra/access_tokens.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

std::string workload_issuer(const World& world) { return "https://oidc.sandbox.test/" + world.state.tenant_id + '/'; }

std::string make_workload_token(World& world, const WorkloadToken& token) {
  const std::int64_t now = world.clock.seconds();
  const std::int64_t issued = token.lifetime.count() < 0 ? now + token.lifetime.count() - 3600 : now;
  const json::object claims{{"iss", token.issuer.empty() ? workload_issuer(world) : token.issuer},
                            {"sub", token.subject},
                            {"aud", json::array{token.audience}},
                            {"iat", issued},
                            {"nbf", issued},
                            {"exp", now + token.lifetime.count()},
                            {"jti", world.random.guid()}};
  return world.signing.sign(json::serialize(claims), false);
}

bool knows_keys_of(const World& world, std::string_view issuer) {
  if (issuer == workload_issuer(world)) return true;
  for (const auto& cloud : sandbox_clouds()) {
    if (issuer == v1_issuer(world, cloud) || issuer == v2_issuer(world, cloud)) return true;
  }
  return false;
}

}  // namespace portalkey::sandbox
