// Microsoft Graph's door: the token, the path, the headers, and several requests in one.

#include "sandbox/graph/graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/base64.h"
#include "sandbox/entra/claims_challenge.h"
#include "sandbox/entra/resources.h"
#include "sandbox/graph/call.h"
#include "sandbox/graph/throttle.h"
#include "sandbox/world/first_party.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kMostInBatch = 20;

/// `users('a''b')` -> `users`, `a'b`; `applications(appId='x')` -> `applications`, `appId=x`.
void add_segment(std::string_view segment, std::vector<std::string>& out) {
  const auto open = segment.find('(');
  if (open == std::string_view::npos || !segment.ends_with(')')) {
    out.emplace_back(segment);
    return;
  }
  out.emplace_back(segment.substr(0, open));
  const auto inside = segment.substr(open + 1, segment.size() - open - 2);
  std::string key;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\'') {
      if (i + 1 < inside.size() && inside[i + 1] == '\'') key += inside[i++];
    } else {
      key += inside[i];
    }
  }
  out.push_back(std::move(key));
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (const auto segment = path.substr(0, slash); !segment.empty()) add_segment(segment, out);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return out;
}

bool audience_fits(const World& world, const SandboxCloud& cloud, std::string_view audience) {
  const auto resource = find_resource(world, audience);
  if (!resource || resource->kind != ResourceKind::graph) return false;
  if (!audience.starts_with("https://")) return true;
  auto host = audience.substr(8);
  while (host.ends_with('/')) host.remove_suffix(1);
  return route_of(lower(host)).cloud == &cloud;
}

HttpResponse unauthenticated(const GraphCall& call, std::string_view message, std::string_view more = {}) {
  auto answer = graph_error(call, 401, "InvalidAuthenticationToken", message);
  answer.headers.emplace_back(
      "WWW-Authenticate", "Bearer realm=\"\", authorization_uri=\"https://" + std::string(call.cloud.authority) +
                              "/common/oauth2/authorize\", client_id=\"" + std::string(kGraphAppId) + '"' + std::string(more));
  return answer;
}

/// nullopt if the token is good; then the call knows its caller.
std::optional<HttpResponse> authenticate(GraphCall& call) {
  World& world = call.world;
  const auto token = bearer_of(call.request);
  if (!token || token->empty()) return unauthenticated(call, "Access token is empty.");
  auto claims = read_access_token(world, *token);
  if (!claims) return unauthenticated(call, "IDX14100: JWT is not well formed, or its signature could not be validated.");
  if (!audience_fits(world, call.cloud, claims->aud)) {
    return unauthenticated(call, "Access token validation failure. Invalid audience.");
  }
  const auto now = world.clock.seconds();
  if (now >= claims->exp || now + 300 < claims->nbf) {
    return unauthenticated(call, "Lifetime validation failed, the token is expired.");
  }
  if (auto header = claims_challenge(world, call.cloud, "graph", *claims)) {
    auto answer = graph_error(call, 401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.");
    answer.headers.emplace_back("WWW-Authenticate", std::move(*header));
    return answer;
  }
  if (claims->tid != world.state.tenant_id) return unauthenticated(call, "Access token validation failure. Invalid issuer.");
  if (!claims->app_only) {
    call.user = find_user_by_oid(world, claims->oid);
    if (call.user == nullptr || call.user->deleted || call.user->disabled) {
      return unauthenticated(call,
                             "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: "
                             "TokenCreatedWithOutdatedPolicies");
    }
    if (claims->sequence <= call.user->revoked_through) {
      const auto wanted =
          R"({"access_token":{"nbf":{"essential":true,"value":")" + std::to_string(call.user->revoked_at) + "\"}}}";
      return unauthenticated(call,
                             "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: "
                             "TokenIssuedBeforeRevocationTimestamp",
                             ", error=\"insufficient_claims\", claims=\"" + base64(wanted) + '"');
    }
  }
  call.caller = std::move(*claims);
  return std::nullopt;
}

HttpResponse serve(GraphCall& call) {
  using Part = HttpResponse (*)(GraphCall&);
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"applications", graph_applications},
      {"servicePrincipals", graph_service_principals},
      {"oauth2PermissionGrants", graph_permission_grants},
      {"users", graph_users},
      {"me", graph_users},
      {"organization", graph_organization},
      {"directoryRoles", graph_directory_roles},
      {"directoryObjects", graph_directory_objects},
      {"groups", graph_groups},
      {"directory", graph_directory},
      {"policies", graph_policies},
  };
  for (const auto& [name, part] : kParts) {
    if (call.at(0, name)) return part(call);
  }
  return graph_no_segment(call, call.path.empty() ? std::string() : call.path.front());
}

HttpResponse answer_one(World& world, const HttpRequest& request, const SandboxCloud& cloud);

/// One of a batch's requests, as if it had come by itself.
HttpRequest inner_request(const GraphCall& call, const json::object& in, std::string_view url) {
  HttpRequest one = call.request;
  one.method = string_member(in, "method").value_or("GET");
  for (char& c : one.method) c = to_upper(c);
  set_target(one, '/' + call.version + std::string(url));
  const auto* body = member(in, "body");
  one.body = body == nullptr || body->is_null() ? std::string() : json::serialize(*body);
  std::erase_if(one.headers, [](const auto& pair) { return pair.first == "content-type"; });
  const auto* headers = member(in, "headers");
  if (headers == nullptr || !headers->is_object()) return one;
  for (const auto& header : headers->get_object()) {
    const auto name = lower({header.key().data(), header.key().size()});
    if (name == "authorization" || !header.value().is_string()) continue;
    std::erase_if(one.headers, [&](const auto& pair) { return pair.first == name; });
    one.headers.emplace_back(name, view(header.value().get_string()));
  }
  return one;
}

HttpResponse answer_inner(GraphCall& call, const json::object& in, const std::map<std::string, int>& statuses) {
  if (const auto* needed = member(in, "dependsOn"); needed != nullptr && needed->is_array()) {
    for (const auto& id : needed->get_array()) {
      const auto found = id.is_string() ? statuses.find(std::string(view(id.get_string()))) : statuses.end();
      if (found == statuses.end() || found->second >= 400) {
        return graph_error(call, 424, "FailedDependency",
                           "A request that this one depends on failed, or does not come before it.");
      }
    }
  }
  std::string url = string_member(in, "url").value_or("");
  if (!url.starts_with('/')) url.insert(0, "/");
  if (url.starts_with("/$batch")) return graph_error(call, 400, "BadRequest", "A batch holds no batches.");
  const HttpRequest one = inner_request(call, in, url);
  if (!one.body.empty() && one.header("content-type").empty()) {
    return graph_error(call, 400, "BadRequest",
                       "Write requests (excluding DELETE) must contain the Content-Type header declaration.");
  }
  if (const auto fault = call.world.faults.refusal(Service::graph, one)) return fault_answer(*fault, Service::graph, one);
  return answer_one(call.world, one, call.cloud);
}

/// Up to 20 requests in one. They are carried out in their order; one whose `dependsOn` failed is not.
HttpResponse batch(GraphCall& call) {
  auto body = graph_body(call);
  if (!body) return body.error();
  const auto* list = member(*body, "requests");
  if (list == nullptr || !list->is_array() || list->get_array().empty() || list->get_array().size() > kMostInBatch) {
    return graph_error(call, 400, "BadRequest", "Invalid batch payload format: 'requests' has 1 to 20 entries.");
  }
  std::set<std::string> ids;
  for (const auto& item : list->get_array()) {
    const auto id = item.is_object() ? string_member(item.get_object(), "id") : std::nullopt;
    if (!id || !ids.insert(*id).second) {
      return graph_error(call, 400, "BadRequest", "Invalid batch payload format: every request has an 'id' of its own.");
    }
  }
  json::array responses;
  std::map<std::string, int> statuses;
  for (const auto& item : list->get_array()) {
    const auto id = *string_member(item.get_object(), "id");
    const auto answer = answer_inner(call, item.get_object(), statuses);
    statuses[id] = answer.status;
    json::object out{{"id", id}, {"status", answer.status}};
    json::object headers;
    for (const auto& [name, value] : answer.headers) headers[name] = value;
    out["headers"] = std::move(headers);
    if (auto value = parse_json(answer.body)) out["body"] = *value;
    responses.push_back(std::move(out));
  }
  return json_answer(200, {{"responses", std::move(responses)}});
}

void add_headers(const GraphCall& call, HttpResponse& answer) {
  const auto client_id = call.request.header("client-request-id");
  for (auto& [name, value] : answer.headers) {
    if (name == "Content-Type" && value != "text/plain") {
      value = answer.status < 300
                  ? "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
                  : "application/json";
    }
  }
  const auto add = [&](std::string name, std::string value) { answer.headers.emplace_back(std::move(name), std::move(value)); };
  add("Cache-Control", "no-cache");
  add("Strict-Transport-Security", "max-age=31536000");
  add("request-id", call.request_id);
  add("client-request-id", client_id.empty() ? call.request_id : std::string(client_id));
  add("x-ms-ags-diagnostic",
      R"({"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"001","RoleInstance":"AM0"}})");
  if (answer.status < 300) add("OData-Version", "4.0");
}

HttpResponse answer_one(World& world, const HttpRequest& request, const SandboxCloud& cloud) {
  auto path = segments_of(request.path);
  GraphCall call{world, request, cloud, {}, {}, world.random.guid(), {}, nullptr};
  if (!path.empty()) {
    call.version = lower(path.front());
    call.path.assign(path.begin() + 1, path.end());
    call.counts = call.path.size() > 1 && call.path.back() == "$count";
    if (call.counts) call.path.pop_back();
  }
  HttpResponse answer;
  const bool userinfo = call.version == "oidc" && call.path.size() == 1 && call.at(0, "userinfo");
  if (!userinfo && call.version != "v1.0" && call.version != "beta") {
    answer = graph_error(call, 400, "BadRequest", "Invalid version: " + call.version);
  } else if (auto refused = authenticate(call)) {
    answer = std::move(*refused);
  } else if (userinfo) {
    answer = graph_userinfo(call);
  } else if (call.is("POST") && call.path.size() == 1 && call.at(0, "$batch")) {
    answer = batch(call);
  } else if (auto throttled = graph_throttles(call)) {
    answer = std::move(*throttled);
    add_throttle_headers(call, answer);
  } else {
    answer = serve(call);
    if (call.counts && answer.status == 200 && answer.header("content-type") != "text/plain")
      answer = graph_no_segment(call, "$count");
    add_throttle_headers(call, answer);
  }
  add_headers(call, answer);
  return answer;
}

}  // namespace

HttpResponse graph(World& world, const HttpRequest& request, const SandboxCloud& cloud) {
  return answer_one(world, request, cloud);
}

}  // namespace portalkey::sandbox
