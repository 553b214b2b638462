// Who may do what with hardware OATH: a permission in the token, and for a user a directory role besides.
// Source: learn.microsoft.com/graph/api/{authenticationmethoddevice-post-hardwareoathdevices,
// authentication-post-hardwareoathmethods}?view=graph-rest-beta.

#include "sandbox/graph/oath.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kAuthenticationAdministrator = "Authentication Administrator";
constexpr std::string_view kPolicyAdministrator = "Authentication Policy Administrator";
constexpr std::string_view kGlobalReader = "Global Reader";
constexpr std::string_view kWriteDevices = "Policy.ReadWrite.AuthenticationMethod";
constexpr std::string_view kWriteMethods = "UserAuthenticationMethod.ReadWrite.All";
constexpr std::int64_t kFresh = 600;  // seconds since the sign-in with MFA, for one's own methods

bool may_as_administrator(const GraphCall& call, bool writes, const SandboxUser* owner) {
  const bool owner_administers = owner != nullptr && !owner->roles.empty();
  if (!writes) {
    return graph_has_permission(call, {"UserAuthenticationMethod.Read.All", kWriteMethods}) &&
           graph_has_role(call, {kGlobalAdministrator, kPrivilegedAuthenticationAdministrator, kAuthenticationAdministrator,
                                 kGlobalReader});
  }
  if (!graph_has_permission(call, {kWriteMethods})) return false;
  if (graph_has_role(call, {kGlobalAdministrator, kPrivilegedAuthenticationAdministrator})) return true;
  return !owner_administers && graph_has_role(call, {kAuthenticationAdministrator});
}

std::optional<HttpResponse> judge_methods(const GraphCall& call, bool writes, const SandboxUser* owner) {
  if (may_as_administrator(call, writes, owner)) return std::nullopt;
  const bool own = call.user != nullptr && call.user == owner;
  if (!own || !graph_has_permission(call, {"UserAuthenticationMethod.ReadWrite", kWriteMethods})) return graph_denied(call);
  if (!call.caller.mfa || call.world.clock.seconds() - call.caller.iat > kFresh) {
    return graph_error(call, 403, "accessDenied",
                       "A sign-in with multifactor authentication in the last 10 minutes is required.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<HttpResponse> oath_refuses(const GraphCall& call, OathRight right, const SandboxUser* owner) {
  if (call.user != nullptr && call.user->guest) return graph_denied(call);
  bool may = false;
  switch (right) {
    case OathRight::read_devices:
      may = graph_has_permission(call, {"Policy.Read.All", kWriteDevices}) &&
            graph_has_role(call, {kGlobalAdministrator, kPolicyAdministrator, kGlobalReader});
      break;
    case OathRight::write_devices:
      may = graph_has_permission(call, {kWriteDevices}) && graph_has_role(call, {kGlobalAdministrator, kPolicyAdministrator});
      break;
    case OathRight::read_methods: return judge_methods(call, false, owner);
    case OathRight::write_methods: return judge_methods(call, true, owner);
  }
  if (may) return std::nullopt;
  return graph_denied(call);
}

}  // namespace portalkey::sandbox
