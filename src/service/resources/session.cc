#include "service/resources/session.h"

#include <algorithm>

#include "app/json/portal_json.h"
#include "app/json/session_json.h"
#include "app/operations/call_portal.h"
#include "app/operations/read_portal.h"
#include "app/operations/session.h"
#include "base/secret_json.h"
#include "service/resources/answers.h"

namespace portalkey {
namespace {

/// `/api/A/{b}/C`, as documented reads are written, fits `/api/A/x/C`.
bool fits(std::string_view path, std::string_view documented) {
  path = path.substr(0, path.find('?'));
  documented = documented.substr(0, documented.find('?'));
  while (!path.empty() && !documented.empty()) {
    const auto one = path.substr(0, path.find('/', 1)), other = documented.substr(0, documented.find('/', 1));
    if (one != other && !(other.starts_with("/{") && other.ends_with("}"))) return false;
    path.remove_prefix(one.size());
    documented.remove_prefix(other.size());
  }
  return path.empty() && documented.empty();
}

/// Documented reads, and what the profile allows besides.
bool may_call(const ServedTenant& tenant, const std::string& method, std::string_view path) {
  if (tenant.portal_paths.contains(method + " " + std::string(path.substr(0, path.find('?'))))) return true;
  if (method != "GET" || !path.starts_with("/api/")) return false;
  path.remove_prefix(4);  // of every documented read
  return std::ranges::any_of(find_read_operations({}), [&](const ReadOperation* read) { return fits(path, read->path); });
}

}  // namespace

HttpResponse get_session(Service& service, Call& call) {
  auto report = look_at_session(service.tenant_of(call).tenant(), false);
  if (!report) return refusal(call, report.error());
  return json_answer(200, json_of(*report, service.words()));
}

HttpResponse rotate_session(Service& service, Call& call) {
  auto refreshed = refresh_session(service.tenant_of(call).tenant(), service.words());
  service.tenant_of(call).heard_of_session(refreshed ? std::nullopt : std::optional(refreshed.error()));
  if (!refreshed) return refusal(call, refreshed.error());
  return json_answer(200, json_of(*refreshed, service.words()));
}

HttpResponse portal_operations(Service&, Call& call) {
  return json_answer(200, "{\"value\":" + json_of(find_read_operations(call.value("search"))) + "}");
}

HttpResponse call_portal_api(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  PortalRequest request;
  if (call.body.contains("method")) request.method = call.text("method");
  request.path = call.text("path");
  if (!may_call(tenant, request.method, request.path)) {
    return refusal(call, 403, "forbidden",
                   "this call is none of the documented reads, and the service's settings do not allow it",
                   "See [[portal-operations]]; an administrator of the service can allow others (portal_paths).");
  }
  if (const auto* body = call.body.if_contains("body")) request.body = serialize_secret_json(*body);
  auto portal_call = portal_call_of(std::move(request));
  if (!portal_call) return refusal(call, portal_call.error());
  auto answer = call_portal(tenant.tenant(), std::move(*portal_call));
  if (!answer) return refusal(call, answer.error());
  return answer->reveal([](std::string_view text) { return json_answer(200, text.empty() ? "null" : std::string(text)); });
}

}  // namespace portalkey
