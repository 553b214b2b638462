#include "sandbox/entra/managed_identity.h"

#include <ctime>
#include <utility>

#include "base/files.h"
#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/errors.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kTokenLifetime = 86'400;
constexpr std::size_t kMostArcKeys = 8;
constexpr std::string_view kCloudShellClient = "b677c290-cf4b-4a8e-a60e-91ba650a4abe";

enum class Host { imds, app_service, app_service_2017, arc, cloud_shell };

struct MetadataCall {
  World& world;
  const HttpRequest& request;
  Host host;
  TextPairs parameters;  ///< of the query, or of the form

  std::string parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
      if (same_ignoring_case(key, name)) return value;
    }
    return {};
  }
  bool of_app_service() const { return host == Host::app_service || host == Host::app_service_2017; }
};

HttpResponse refuse(const MetadataCall& call, int status, std::string_view error, std::string_view description) {
  if (call.of_app_service()) return json_answer(status, {{"statusCode", status}, {"message", description}});
  return json_answer(status, {{"error", error}, {"error_description", description}});
}

/// Whom the request names, or the system-assigned identity; nullptr if there is none such.
const ServicePrincipal* chosen(const MetadataCall& call) {
  const auto client = call.parameter(call.host == Host::app_service_2017 ? "clientid" : "client_id");
  const auto object = call.parameter(call.host == Host::app_service ? "principal_id" : "object_id");
  auto resource = call.parameter("mi_res_id");
  if (resource.empty()) resource = call.parameter("msi_res_id");
  if (client.empty() && object.empty() && resource.empty()) return find_managed_identity(call.world.state, false);
  for (const auto& [id, principal] : call.world.state.service_principals) {
    if (principal.type != "ManagedIdentity" || !principal.enabled) continue;
    const bool wanted = !client.empty()   ? same_ignoring_case(client, principal.client_id)
                        : !object.empty() ? same_ignoring_case(object, id)
                                          : same_ignoring_case(resource, alternative_names(principal).second);
    if (wanted) return &principal;
  }
  return nullptr;
}

/// The cloud that a resource belongs to: nothing else in such a request says so.
const SandboxCloud& cloud_of(std::string_view resource) {
  const auto folded = lower(resource);
  for (const auto& cloud : sandbox_clouds()) {
    for (const auto host : {cloud.vault_suffix, cloud.arm_host, cloud.graph_host, cloud.portal_host}) {
      if (folded.find(host) != std::string::npos) return cloud;
    }
  }
  return sandbox_clouds().front();
}

/// `1/1/2026 12:00:00 AM +00:00`, as the version of 2017 writes times.
std::string american_time(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%d/%d/%d %d:%02d:%02d %s +00:00", parts.tm_mon + 1, parts.tm_mday, parts.tm_year + 1900,
                parts.tm_hour % 12 == 0 ? 12 : parts.tm_hour % 12, parts.tm_min, parts.tm_sec,
                parts.tm_hour < 12 ? "AM" : "PM");
  return text;
}

HttpResponse token_answer(MetadataCall& call) {
  World& world = call.world;
  const auto resource_text = call.parameter("resource");
  if (resource_text.empty()) {
    return refuse(call, 400, "invalid_request", "Required query variable 'resource' is missing");
  }
  const auto resource = find_resource(world, resource_text);
  if (!resource) {
    ErrorDetails details;
    details.resource = resource_text;
    details.tenant = world.state.tenant_id;
    return refuse(call, 400, "invalid_resource", aadsts_message(500011, details));
  }
  TokenRequest token;
  token.cloud = &cloud_of(resource_text);
  token.confidential = true;
  token.resource = *resource;
  token.audience = resource_text;
  token.lifetime = world.options.access_token_lifetime ? draw_lifetime(world) : kTokenLifetime;
  if (call.host == Host::cloud_shell) {  // it signs in as the person who opened the shell
    token.user = find_user(world, kAdminAccount);
    token.client_id = kCloudShellClient;
    token.scope = "user_impersonation";
    token.mfa = true;
    token.sequence = ++world.state.sequence;
    world.touch();
  } else {
    const bool selects = !call.parameter("client_id").empty() || !call.parameter("object_id").empty() ||
                         !call.parameter("msi_res_id").empty() || !call.parameter("mi_res_id").empty();
    const auto* identity = call.host == Host::arc && selects ? nullptr : chosen(call);
    if (identity == nullptr) {
      return call.of_app_service() ? refuse(call, 400, {},
                                            "No User Assigned or Delegated Managed Identity found for specified "
                                            "ClientId/ResourceId/PrincipalId.")
                                   : refuse(call, 400, "invalid_request", "Identity not found");
    }
    token.client_id = identity->client_id;
    token.managed_resource = alternative_names(*identity).second;
  }
  const auto now = world.clock.seconds();
  const auto expires = now + token.lifetime;
  // Every value is a text.
  json::object body{{"access_token", make_access_token(world, token)}};
  body["client_id"] = token.client_id;
  body["expires_on"] = call.host == Host::app_service_2017 ? american_time(expires) : std::to_string(expires);
  if (!call.of_app_service()) {
    body["expires_in"] = std::to_string(token.lifetime);
    body["ext_expires_in"] = std::to_string(token.lifetime);
    body["not_before"] = std::to_string(now);
  }
  body["resource"] = resource_text;
  body["token_type"] = "Bearer";
  return json_answer(200, body);
}

bool has_metadata_header(const HttpRequest& request) { return same_ignoring_case(request.header("metadata"), "true"); }

HttpResponse imds(MetadataCall& call) {
  if (!has_metadata_header(call.request)) {
    return refuse(call, 400, "invalid_request", "Required metadata header not specified");
  }
  if (call.request.has_header("x-forwarded-for")) {
    return refuse(call, 400, "invalid_request", "Requests that were forwarded (X-Forwarded-For) are refused");
  }
  if (call.request.method != "GET") return refuse(call, 405, "invalid_request", "Method not allowed");
  if (call.parameter("api-version").empty()) {
    return json_answer(400, {{"error",
                              "Bad request. api-version was not specified in the request. For more information refer to "
                              "aka.ms/azureimds"},
                             {"newest-versions", json::array{"2021-02-01", "2020-10-01", "2018-02-01"}}});
  }
  return token_answer(call);
}

HttpResponse app_service(MetadataCall& call) {
  const bool old = call.parameter("api-version") == "2017-09-01";
  if (old) call.host = Host::app_service_2017;
  if (!old && call.parameter("api-version") != "2019-08-01") {
    return refuse(call, 400, {}, "The api-version is not supported: 2019-08-01 and 2017-09-01 are.");
  }
  const auto& expected = call.world.state.identity_header;
  if (expected.empty() || call.request.header(old ? "secret" : "x-identity-header") != expected) {
    return refuse(call, 401, {}, "The identity header is missing or wrong.");
  }
  if (call.request.method != "GET") return refuse(call, 405, {}, "Method not allowed");
  return token_answer(call);
}

void forget_arc_keys(World& world) {
  for (const auto& [file, key] : world.arc_keys) (void)remove_file_durably(file);
  world.arc_keys.clear();
}

/// Proof of being on the machine, and privileged there: the key in a file that only the right group can read.
HttpResponse arc(MetadataCall& call) {
  World& world = call.world;
  if (!has_metadata_header(call.request)) {
    return refuse(call, 400, "invalid_request", "Required metadata header not specified");
  }
  if (call.parameter("api-version").empty()) return refuse(call, 400, "invalid_request", "The api-version is missing");
  const auto authorization = call.request.header("authorization");
  if (authorization.starts_with("Basic ")) {
    const auto key = trimmed(authorization.substr(6));
    for (const auto& [file, expected] : world.arc_keys) {
      if (key != expected) continue;
      (void)remove_file_durably(file);
      world.arc_keys.erase(file);
      return token_answer(call);
    }
    return refuse(call, 403, "forbidden", "The key of the challenge is wrong, or was used before");
  }
  if (world.arc_keys.size() >= kMostArcKeys) forget_arc_keys(world);
  const auto folder = arc_folder(world.options);
  const auto file = (folder / (world.random.guid() + ".key")).string();
  Random secrets;
  const auto key = opaque(secrets, 64);
  auto made = make_private_folder(folder);
  if (made) made = write_file_atomically(file, key);
  if (!made) return refuse(call, 500, "server_error", "the key file could not be written: " + made.error().what);
  world.arc_keys.emplace(file, key);
  auto answer = refuse(call, 401, "unauthorized_client", "Missing Basic Authorization header");
  answer.headers.emplace_back("WWW-Authenticate", "Basic realm=" + file);
  return answer;
}

HttpResponse cloud_shell(MetadataCall& call) {
  if (!has_metadata_header(call.request)) {
    return refuse(call, 400, "invalid_request", "Required metadata header not specified");
  }
  if (call.request.method != "POST") return refuse(call, 405, "invalid_request", "Method not allowed");
  return token_answer(call);
}

}  // namespace

bool is_metadata_path(std::string_view path) {
  return path.starts_with("/metadata/") || path == kAppServicePath || path == kArcPath || path == kCloudShellPath;
}

HttpResponse managed_identity(World& world, const HttpRequest& request) {
  MetadataCall call{world, request, Host::imds, request.method == "POST" ? parse_form(request.body) : request.query};
  if (request.path == kImdsPath) return imds(call);
  if (request.path == kAppServicePath) {
    call.host = Host::app_service;
    return app_service(call);
  }
  if (request.path == kArcPath) {
    call.host = Host::arc;
    return arc(call);
  }
  if (request.path == kCloudShellPath) {
    call.host = Host::cloud_shell;
    return cloud_shell(call);
  }
  return refuse(call, 404, "not_found", "The sandbox's metadata service has tokens only");
}

std::filesystem::path arc_folder(const SandboxOptions& options) {
  return std::filesystem::absolute(options.arc_folder.empty() ? options.folder / "arc-tokens" : options.arc_folder);
}

}  // namespace portalkey::sandbox
