#include "sandbox/entra/entra.h"

#include "sandbox/entra/call.h"
#include "sandbox/entra/sign_in_page.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

bool is_domain_name(std::string_view text) {
  if (text.size() > 253 || text.find('.') == std::string_view::npos || text.starts_with('.') || text.ends_with('.'))
    return false;
  for (const char c : text) {
    const char l = to_lower(c);
    if (!((l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-' || l == '.')) return false;
  }
  return true;
}

/// 0, or the AADSTS code for a tenant that is not ours.
int judge_tenant(const World& world, std::string_view tenant) {
  const std::string name = lower(tenant);
  if (name == world.state.tenant_id || name == kDomain || name == kInitialDomain || name == "common" ||
      name == "organizations") {
    return 0;
  }
  return is_guid(name) || is_domain_name(name) || name == "consumers" ? 90002 : 900023;
}

}  // namespace

std::optional<std::string> EntraCall::parameter(std::string_view name) const {
  for (const auto& [key, value] : form) {
    if (key == name && !value.empty()) return value;
  }
  return std::nullopt;
}

ErrorDetails EntraCall::details() const {
  ErrorDetails out;
  out.tenant = tenant;
  out.client = parameter("client_id").value_or("");
  out.resource = parameter("resource").value_or(parameter("scope").value_or(""));
  return out;
}

HttpResponse entra(World& world, const HttpRequest& request, const SandboxCloud& cloud) {
  const std::string path = lower(request.path);
  if (path == "/devicelogin" || path == "/deviceauth" || path.ends_with("/oauth2/deviceauth")) {
    return sign_in_page(world, request);
  }
  if (path == "/common/discovery/instance" || path == "/discovery/instance") return instance_discovery(world, request, cloud);
  const auto slash = request.path.find('/', 1);
  if (!request.path.starts_with('/') || slash == std::string::npos) {
    return text_answer(404, "text/html; charset=utf-8", "<html><body>404 - not found</body></html>");
  }
  EntraCall call{world, request, cloud, request.path.substr(1, slash - 1), false, {}};
  const std::string rest = path.substr(slash);
  if (same_ignoring_case(call.tenant, "common")) call.tenant = "common";
  if (same_ignoring_case(call.tenant, "organizations")) call.tenant = "organizations";

  using Endpoint = HttpResponse (*)(EntraCall&);
  struct Row {
    std::string_view path;
    bool version1;
    bool post;
    Endpoint endpoint;
  };
  static constexpr Row kEndpoints[] = {
      {"/oauth2/authorize", true, false, authorize_endpoint},
      {"/oauth2/v2.0/authorize", false, false, authorize_endpoint},
      {"/oauth2/token", true, true, token_endpoint},
      {"/oauth2/v2.0/token", false, true, token_endpoint},
      {"/oauth2/devicecode", true, true, device_code_endpoint},
      {"/oauth2/v2.0/devicecode", false, true, device_code_endpoint},
      {"/.well-known/openid-configuration", true, false, discovery_document},
      {"/v2.0/.well-known/openid-configuration", false, false, discovery_document},
      {"/discovery/keys", true, false, key_set},
      {"/discovery/v2.0/keys", false, false, key_set},
  };
  for (const auto& row : kEndpoints) {
    if (rest != row.path) continue;
    call.version1 = row.version1;
    if (row.post && request.method != "POST") {
      auto details = call.details();
      details.value = request.method;
      return call.error(900561, details);
    }
    const std::string type = lower(request.header("content-type"));
    if (type.empty() || type.starts_with("application/x-www-form-urlencoded")) call.form = parse_form(request.body);
    if (const int code = judge_tenant(world, call.tenant); code != 0) {
      return row.endpoint == authorize_endpoint ? error_page(call, code, call.details()) : call.error(code, call.details());
    }
    auto answer = row.endpoint(call);
    if (answer.header("x-ms-ests-server").empty()) add_entra_headers(world, request, answer);
    return answer;
  }
  constexpr std::string_view kUserRealm = "/userrealm/";
  if (rest.starts_with(kUserRealm)) {
    auto answer = user_realm(call, request.path.substr(slash + kUserRealm.size()));
    if (answer.header("x-ms-ests-server").empty()) add_entra_headers(world, request, answer);
    return answer;
  }
  if (rest.ends_with("/logout"))
    return text_answer(200, "text/html; charset=utf-8", "<html><body>You signed out of your account</body></html>");
  return text_answer(404, "text/html; charset=utf-8", "<html><body>404 - not found</body></html>");
}

}  // namespace portalkey::sandbox
