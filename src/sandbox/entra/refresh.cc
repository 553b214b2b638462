// Refresh tokens redeemed.

#include "sandbox/entra/app_settings.h"
#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kInactivity = 90LL * 86400;

}  // namespace

HttpResponse refresh_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  const auto token = call.parameter("refresh_token");
  if (!token) {
    details.value = "refresh_token";
    return call.error(900144, details);
  }
  Wanted wanted;
  if (const int code = read_wanted(call, wanted); code != 0) return call.error(code, details);

  const auto found = world.state.refresh_tokens.find(sha256_hex(*token));
  if (found == world.state.refresh_tokens.end()) {
    const bool looks_real = token->size() > 100 && (token->starts_with("0.") || token->starts_with("1."));
    return call.error(looks_real ? 70000 : 9002313, details);
  }
  RefreshTokenRecord& record = found->second;
  SandboxUser* user = find_user(world, record.user);
  details.user = user == nullptr ? record.user : user->upn;
  details.issued = iso7(record.issued);
  if (wanted.identifier.empty()) wanted.identifier = record.resource;
  details.resource = wanted.identifier;
  if (record.client_id != client.id) return call.error(70000, details);
  // A session of a public client stays one; a credential beside it is not held against the client.
  if (client.app != nullptr && !client.confidential && !record.public_client && !allows_public_flows(*client.app)) {
    return call.error(7000218, details);
  }
  if (const int forced = world.state.policy.refresh_error; forced != 0) {
    details.value = iso7(world.clock.seconds());
    return call.error(forced, details);
  }
  if (const int code = judge_user(user); code != 0) return call.error(code, details);
  if (record.sequence <= user->revoked_through) {
    details.value = iso7(user->revoked_at);
    return call.error(50173, details);
  }
  if (world.clock.seconds() - record.used >= kInactivity) return call.error(700082, details);
  if (record.ends != 0 && world.clock.seconds() >= record.ends) return call.error(700084, details);
  if (world.options.single_use_refresh && record.redeemed) return call.error(70008, details);
  const auto resource = find_resource(world, wanted.identifier);
  if (const int code = why_not(world, client, resource); code != 0) return call.error(code, details);
  const auto claims = claims_of(call);
  const bool mfa_wanted = world.state.policy.require_mfa || (claims && claims->mfa);
  if (mfa_wanted && !record.mfa) return call.error(50076, details);

  record.redeemed = true;
  record.used = world.clock.seconds();
  const auto& policy = world.state.policy;
  SandboxUser* const mistaken = policy.refresh_account.empty() ? user : find_user(world, policy.refresh_account);
  SignIn sign_in{mistaken == nullptr ? user : mistaken, record.mfa, false, {}, false, record.ends};
  sign_in.tenant = policy.refresh_tenant;
  return user_token_answer(call, client, sign_in, wanted, *resource);
}

}  // namespace portalkey::sandbox
