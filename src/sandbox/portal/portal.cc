// The door of the portal's backend: token, headers, then the page asked for.

#include "sandbox/portal/portal.h"

#include <utility>

#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/claims_challenge.h"
#include "sandbox/entra/errors.h"
#include "sandbox/entra/resources.h"
#include "sandbox/portal/call.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

HttpResponse unauthorized() {
  auto answer = text_answer(
      401, "text/html",
      "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n"
      "<html xmlns=\"http://www.w3.org/1999/xhtml\">\r\n<head>\r\n<title>401 - Unauthorized: Access is denied due to invalid "
      "credentials.</title>\r\n</head>\r\n<body>\r\n<h1>Server Error</h1>\r\n<h2>401 - Unauthorized: Access is denied due to "
      "invalid credentials.</h2>\r\n<h3>You do not have permission to view this directory or page using the credentials that "
      "you supplied.</h3>\r\n</body>\r\n</html>\r\n");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

/// The backend exchanges the caller's token for its own: what Entra refuses there comes back as this API's 400.
HttpResponse exchange_failed(const PortalCall& call, int code, const ErrorDetails& details) {
  return portal_error(call, {400, "msalautherror_invalid_grant", aadsts_message(code, details), "MsalUiRequiredException"});
}

int judge_exchange(const World& world, const AccessClaims& claims, const SandboxUser* user) {
  if (claims.scp.empty()) return 7000114;  // an app's own token
  if (world.clock.seconds() >= claims.exp || world.clock.seconds() + 300 < claims.nbf) return 500133;
  if (user == nullptr || user->deleted) return 50034;
  if (user->disabled) return 50057;
  if (claims.sequence <= user->revoked_through) return 50173;
  if (world.state.policy.portal_error != 0) return world.state.policy.portal_error;
  if (world.state.policy.require_mfa && !claims.mfa) return 50076;
  return 0;
}

HttpResponse argument_null(const PortalCall& call, std::string_view name) {
  return portal_error(
      call, {400, "ArgumentNull", "Value cannot be null.\r\nParameter name: " + std::string(name), "ArgumentNullException"});
}

HttpResponse serve(PortalCall& call) {
  World& world = call.world;
  const HttpRequest& request = call.request;
  const auto token = bearer_of(request);
  if (!token) return unauthorized();
  const auto claims = read_access_token(world, *token);
  if (!claims || claims->tid != world.state.tenant_id || !portal_accepts(world, call.cloud, claims->aud)) return unauthorized();
  if (auto header = claims_challenge(world, call.cloud, "portal", *claims)) {
    auto answer = json_answer(401, {{"message", "Continuous access evaluation resulted in challenge."}});
    answer.headers.emplace_back("WWW-Authenticate", std::move(*header));
    return answer;
  }
  call.user = claims->upn.empty() ? nullptr : find_user(world, claims->upn);
  if (const int code = judge_exchange(world, *claims, call.user); code != 0) {
    ErrorDetails details;
    details.client = claims->app_id;
    details.resource = "00000002-0000-0000-c000-000000000000";  // the directory, on the user's behalf
    details.tenant = world.state.tenant_id;
    details.user = claims->upn;
    if (call.user != nullptr) details.value = iso7(call.user->revoked_at);
    return exchange_failed(call, code, details);
  }
  if (!is_guid(request.header("x-ms-client-request-id"))) return argument_null(call, "clientRequestId");
  if (call.path.starts_with("/multifactorauthentication/hardwaretoken/") && !is_guid(request.header("x-ms-correlation-id"))) {
    return argument_null(call, "correlationId");
  }
  if (!request.body.empty() && !lower(request.header("content-type")).starts_with("application/json")) {
    return json_answer(415, {{"message", "The request entity's media type '" + std::string(request.header("content-type")) +
                                             "' is not supported for this resource."}});
  }
  if (auto answer = hardware_tokens(call)) return std::move(*answer);
  if (auto answer = tenant_reads(call)) return std::move(*answer);
  if (auto answer = admin_consent(call)) return std::move(*answer);
  return json_answer(404, {{"message", "No HTTP resource was found that matches the request URI 'https://" + request.host +
                                           request.path + "'"}});
}

void add_headers(World& world, const HttpRequest& request, HttpResponse& answer) {
  const auto add = [&](std::string name, std::string value) { answer.headers.emplace_back(std::move(name), std::move(value)); };
  add("Cache-Control", "no-cache, no-store");
  add("Vary", "Origin");
  add("X-Content-Type-Options", "nosniff");
  add("X-XSS-Protection", "1; mode=block");
  add("x-ms-version", "10.0.0.1");
  add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  add("Access-Control-Expose-Headers", "x-ms-correlation-id, x-ms-operation-maturity, x-ms-expected-duration");
  const auto correlation = request.header("x-ms-correlation-id");
  add("x-ms-correlation-id", correlation.empty() ? world.random.guid() : std::string(correlation));
  add("x-ms-operation-maturity", "GA");
  add("x-ms-expected-duration", "500");
  add("X-UA-Compatible", "IE=edge");
}

}  // namespace

bool PortalCall::administers() const { return has_role(*user, kGlobalAdministrator); }
bool PortalCall::may_activate() const { return administers() || has_role(*user, kPrivilegedAuthenticationAdministrator); }
bool PortalCall::may_read_tokens() const { return may_activate() || has_role(*user, "Global Reader"); }

HttpResponse portal_error(const PortalCall& call, const PortalError& error) {
  World& world = call.world;
  const std::string_view client_id = call.request.header("x-ms-client-request-id");
  const bool argument = error.exception == "ArgumentNullException";
  json::object body{{"ClassName", "Microsoft.Portal.Framework.Exceptions.ClientException"},
                    {"Message", error.message},
                    {"Data", json::object{}},
                    {"HResult", -2146233088},
                    {"XMsServerRequestId", nullptr},
                    {"Source", nullptr},
                    {"HttpStatusCode", error.status}};
  json::object details{{error.detail_name, error.message}};
  json::object result{{"objectId", nullptr}, {"displayName", nullptr}, {"status", 0}, {"details", error.message}};
  body["ClientData"] = {{"errorCode", error.code},
                        {"localizedErrorDetails", std::move(details)},
                        {"operationResults", argument ? json::value(nullptr) : json::value(json::array{std::move(result)})},
                        {"timeStampUtc", iso7(world.clock.seconds())},
                        {"clientRequestId", client_id.empty() ? json::value(nullptr) : json::value(client_id)},
                        {"internalTransactionId", world.random.guid()},
                        {"tenantId", nullptr},
                        {"userObjectId", call.user == nullptr ? json::value(nullptr) : json::value(call.user->oid)},
                        {"exceptionType", error.exception}};
  return json_answer(error.status, body);
}

HttpResponse portal_forbidden(const PortalCall& call) {
  return portal_error(call, {403, "Forbidden", "You do not have permission to perform this action. Something went wrong.",
                             "AuthorizationException"});
}

HttpResponse portal_true() { return json_answer(200, true); }

HttpResponse portal(World& world, const HttpRequest& request, const SandboxCloud& cloud) {
  std::string path = lower(request.path);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path == "/qos") return text_answer(200, "text/plain; charset=utf-8", "OK");
  const bool api = path.starts_with("/api/");
  PortalCall call{world, request, cloud, api ? path.substr(4) : path, nullptr};
  HttpResponse answer =
      api ? serve(call)
          : text_answer(404, "text/html", "<html><body><h2>404 - File or directory not found.</h2></body></html>");
  add_headers(world, request, answer);
  return answer;
}

}  // namespace portalkey::sandbox
