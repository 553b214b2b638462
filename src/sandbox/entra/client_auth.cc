// Who calls the token endpoint, and how it proves that.

#include <algorithm>

#include "base/base64.h"
#include "sandbox/entra/client_assertion.h"
#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Presented {
  std::optional<std::string> id, secret, assertion;
};

Presented presented(const EntraCall& call) {
  Presented out{call.parameter("client_id"), call.parameter("client_secret"), call.parameter("client_assertion")};
  const std::string_view authorization = call.request.header("authorization");
  if (authorization.size() > 6 && same_ignoring_case(authorization.substr(0, 6), "Basic ")) {
    if (const auto decoded = decode_base64(trimmed(authorization.substr(6)))) {
      const auto colon = decoded->find(':');
      const auto part = [&](std::string_view text) {
        const auto form = parse_form("v=" + std::string(text));
        return form.empty() ? std::string() : form.front().second;
      };
      out.id = part(std::string_view(*decoded).substr(0, colon));
      if (colon != std::string::npos) out.secret = part(std::string_view(*decoded).substr(colon + 1));
    }
  }
  if (!out.id && out.assertion) {
    if (auto subject = subject_of_assertion(*out.assertion); is_guid(subject)) out.id = std::move(subject);
  }
  return out;
}

/// 0, or the code for a secret that is wrong, not yet good or known everywhere, or no longer good.
int judge_secret(World& world, const SandboxApp& app, std::string_view secret) {
  const auto* principal = find_service_principal(world, app.client_id);
  const PasswordCredential* found = nullptr;
  for (const auto* list : {&app.passwords, principal == nullptr ? nullptr : &principal->passwords}) {
    if (list == nullptr || found != nullptr) continue;
    const auto one = std::ranges::find(*list, secret, &PasswordCredential::secret);
    if (one != list->end()) found = &*one;
  }
  const std::int64_t now = world.clock.seconds();
  if (found == nullptr || now < found->start) return 7000215;
  if (!is_replicated(world, found->key_id, found->created)) return 7000215;
  return world.state.policy.client_secret_expired || (found->end != 0 && now >= found->end) ? 7000222 : 0;
}

}  // namespace

bool is_first_party(std::string_view client_id) {
  return client_id == kAzurePowerShell || client_id == kAzureCli || client_id == kGraphTools;
}

Identified identify(const EntraCall& call) {
  Identified out;
  const Presented given = presented(call);
  if (!given.id) return {{}, 900144, "client_id"};
  out.client.id = lower(*given.id);
  out.client.first_party = is_first_party(out.client.id);
  if (out.client.first_party) {
    if (given.secret || given.assertion) out.error = 700025;
    return out;
  }
  const auto app = call.world.state.apps.find(out.client.id);
  if (app == call.world.state.apps.end() || !is_replicated(call.world, app->second.object_id, app->second.created)) {
    out.error = 700016;
    return out;
  }
  out.client.app = &app->second;
  if (given.assertion) {
    const auto type = call.parameter("client_assertion_type");
    if (!type) return {std::move(out.client), 900144, "client_assertion_type"};
    if (*type != kJwtBearer) return {std::move(out.client), 700026, *type};
    const auto verdict = judge_assertion(call, app->second, *given.assertion);
    out.error = verdict.error;
    out.detail = verdict.detail;
    out.client.by_certificate = true;
  } else if (given.secret) {
    out.error = judge_secret(call.world, app->second, *given.secret);
  }
  if (out.error != 0) return out;
  out.client.confidential = given.assertion || given.secret;
  const auto* principal = find_service_principal(call.world, out.client.id);
  if (principal != nullptr && !principal->enabled) out.error = 7000112;
  return out;
}

}  // namespace portalkey::sandbox
