// Resource Manager's front door: the token, the api-version, the headers, and which part a path belongs to.

#include "sandbox/arm/arm.h"

#include <algorithm>
#include <array>

#include "base/percent_encoding.h"
#include "base/time_text.h"
#include "sandbox/arm/call.h"
#include "sandbox/entra/claims_challenge.h"
#include "sandbox/entra/resources.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

HttpResponse challenge(const World& world, const SandboxCloud& cloud, std::string_view code, std::string message,
                       std::string_view description) {
  auto answer = arm_error(401, code, message);
  // Global still names its first authority here.
  const std::string_view authority = cloud.name == "AzureCloud" ? "login.windows.net" : cloud.authority;
  answer.headers.emplace_back("WWW-Authenticate",
                              "Bearer authorization_uri=\"https://" + std::string(authority) + '/' + world.state.tenant_id +
                                  "\", error=\"invalid_token\", error_description=\"" + std::string(description) + '"');
  return answer;
}

std::optional<HttpResponse> authenticate(const HttpRequest& request, ArmCall& call) {
  const World& world = call.world;
  const auto token = bearer_of(request);
  if (!token) {
    return challenge(world, call.cloud, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.",
                     "The authentication failed because of missing 'Authorization' header.");
  }
  auto claims = read_access_token(world, *token);
  if (!claims) {
    return challenge(world, call.cloud, "InvalidAuthenticationToken", "The access token is invalid.",
                     "Could not validate the access token.");
  }
  call.caller = std::move(*claims);
  if (!arm_accepts(call.cloud, call.caller.aud)) {
    std::string message = "The access token has been obtained for wrong audience or resource '" + call.caller.aud +
                          "'. It should exactly match with one of the allowed audiences ";
    const auto core = core_arm_host(call.cloud);
    for (const auto& host : {std::string(core), std::string(call.cloud.arm_host)}) {
      message += "'https://" + host + "/','https://" + host + (host == core ? "'," : "'.");
    }
    return challenge(world, call.cloud, "InvalidAuthenticationTokenAudience", message,
                     "The access token is from an invalid audience or resource.");
  }
  if (call.caller.tid != world.state.tenant_id) {
    return challenge(world, call.cloud, "InvalidAuthenticationTokenTenant",
                     "The access token is from the wrong issuer '" + call.caller.iss + "'. It must match the tenant '" +
                         v1_issuer(world, call.cloud) +
                         "' associated with this subscription. Please use the authority (URL) "
                         "'https://login.windows.net/" +
                         world.state.tenant_id + "' to get the token.",
                     "The access token is from the wrong issuer.");
  }
  const std::int64_t now = world.clock.seconds();
  if (now >= call.caller.exp || now + 300 < call.caller.nbf) {
    return challenge(world, call.cloud, "ExpiredAuthenticationToken",
                     "The access token expiry UTC time '" + iso_time(from_unix_seconds(call.caller.exp)) +
                         "' is earlier than current UTC time '" + iso_time(world.clock.now()) + "'.",
                     "The access token has expired.");
  }
  if (auto header = claims_challenge(world, call.cloud, "arm", call.caller)) {
    auto answer = arm_error(401, "AuthenticationFailed", "Continuous access evaluation resulted in challenge.");
    answer.headers.emplace_back("WWW-Authenticate", std::move(*header));
    return answer;
  }
  if (auto header = mandatory_mfa_challenge(world, call.cloud, call.method, call.caller)) {
    auto answer = arm_error(401, "AuthenticationFailed",
                            "Users must authenticate with multi-factor authentication to create, "
                            "update or delete resources. See https://aka.ms/mfaforazure.");
    answer.headers.emplace_back("WWW-Authenticate", std::move(*header));
    return answer;
  }
  return std::nullopt;
}

/// What a client asks before it knows anything: the endpoints of the cloud it reached. Needs no token.
HttpResponse metadata_endpoints(const SandboxCloud& cloud, std::string_view api_version) {
  const auto https = [](std::string_view host) { return "https://" + std::string(host); };
  const json::array audiences{https(core_arm_host(cloud)) + '/', https(cloud.arm_host) + '/'};
  json::object out{{"portal", cloud.name == "AzureCloud"          ? "https://portal.azure.com"
                              : cloud.name == "AzureUSGovernment" ? "https://portal.azure.us"
                                                                  : "https://portal.azure.cn"},
                   {"authentication",
                    {{"loginEndpoint", https(cloud.authority)},
                     {"audiences", audiences},
                     {"tenant", "common"},
                     {"identityProvider", "AAD"}}},
                   {"name", cloud.name},
                   {"graphAudience", https(cloud.graph_host) + '/'},
                   {"microsoftGraphResourceId", https(cloud.graph_host) + '/'},
                   {"resourceManager", https(cloud.arm_host) + '/'},
                   {"activeDirectoryDataLake", https(core_arm_host(cloud)) + '/'},
                   {"suffixes", {{"keyVaultDns", cloud.vault_suffix}}}};
  if (api_version < "2019-05-01") return json_answer(200, out);
  return json_answer(200, json::array{std::move(out)});
}

/// Hourly counts of a principal; the real ones are per region and hour too.
void count_down(const ArmCall& call, HttpResponse& answer) {
  auto& quota = call.world.arm_quota;
  if (const std::int64_t hour = call.world.clock.seconds() / 3600; quota.hour != hour) quota = {hour, 11'999, 1'199, 14'999};
  std::string kind = "writes";
  int* left = &quota.writes;
  if (call.method == "GET" || call.method == "HEAD") {
    kind = "reads";
    left = &quota.reads;
  } else if (call.method == "DELETE") {
    kind = "deletes";
    left = &quota.deletes;
  }
  const std::string scope = call.is(0, "subscriptions") && call.parts.size() > 1 ? "subscription" : "tenant";
  answer.headers.emplace_back("x-ms-ratelimit-remaining-" + scope + '-' + kind, std::to_string(*left));
  *left = std::max(0, *left - 1);
}

void add_headers(const ArmCall& call, const HttpRequest& request, HttpResponse& answer) {
  World& world = call.world;
  const auto add = [&](std::string name, std::string value) { answer.headers.emplace_back(std::move(name), std::move(value)); };
  const std::string id = world.random.guid();
  add("Cache-Control", "no-cache");
  add("Pragma", "no-cache");
  add("Expires", "-1");
  add("x-ms-request-id", id);
  add("x-ms-correlation-request-id", call.correlation_id);
  std::string when = iso_time(world.clock.now());
  std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
  add("x-ms-routing-request-id", "WESTEUROPE:" + when + ':' + id);
  if (same_ignoring_case(request.header("x-ms-return-client-request-id"), "true")) {
    add("x-ms-client-request-id", std::string(request.header("x-ms-client-request-id")));
  }
  add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  add("X-Content-Type-Options", "nosniff");
}

HttpResponse invalid_path(const ArmCall& call) {
  return arm_error(404, "InvalidResourceType",
                   "The sandbox's Resource Manager has nothing at '" + call.path() + "' for " + call.method + ".");
}

/// Index of the last `providers` segment, or npos.
std::size_t last_providers(const ArmCall& call) {
  for (std::size_t i = call.parts.size(); i-- > 0;) {
    if (call.is(i, "providers")) return i;
  }
  return std::string::npos;
}

}  // namespace

HttpResponse arm_dispatch(ArmCall& call) {
  World& world = call.world;
  if (call.is(0, "tenants") && call.ends(1)) return arm_tenants(call);
  if (call.is(0, "subscriptions") && call.parts.size() > 1) {
    const std::string& subscription = call.parts[1];
    if (!is_guid(subscription)) {
      return arm_error(400, "InvalidSubscriptionId",
                       "The provided subscription identifier '" + subscription + "' is malformed or invalid.");
    }
    if (!same_ignoring_case(subscription, world.state.subscription_id)) {
      return arm_error(404, "SubscriptionNotFound", "The subscription '" + subscription + "' could not be found.");
    }
  }
  const std::size_t size = call.parts.size();
  if (size >= 2 && (call.is(size - 2, "operationresults") || call.is(size - 2, "operationstatuses")))
    return arm_operation(call);
  const std::size_t at = last_providers(call);
  if (at != std::string::npos && call.is(at + 1, "Microsoft.Authorization") && at + 2 < size) {
    return arm_authorization(call, at);
  }
  if (at != std::string::npos && call.is(at + 1, "Microsoft.Resources") && call.is(at + 2, "deployments")) {
    return arm_deployments(call, at);
  }
  if (at != std::string::npos && call.is(0, "subscriptions")) {
    if (call.is(at + 1, "Microsoft.Resources") && call.is(at + 2, "tags")) return arm_tags(call, at);
    const bool settings = call.is(at + 2, "diagnosticSettings") || call.is(at + 2, "diagnosticSettingsCategories");
    if (call.is(at + 1, "Microsoft.Insights") && settings) return arm_diagnostic_settings(call, at);
  }
  if (!call.is(0, "subscriptions")) {
    if (call.is(0, "providers") && call.is(1, "Microsoft.Resources") && call.is(2, "operations")) {
      return json_answer(200, list_answer({}));
    }
    return invalid_path(call);
  }
  if (size <= 2 || call.is(2, "locations")) return arm_subscriptions(call);
  if (call.is(2, "resources") && size == 3) return arm_resources(call, {});
  if (call.is(2, "deployments") && call.is(4, "operations")) return arm_deployment_operations(call, 2);
  if (call.is(2, "providers")) {
    if (call.is(3, "Microsoft.KeyVault") && size > 4 && !call.is(4, "register") && !call.is(4, "unregister")) {
      return arm_key_vault(call);
    }
    return arm_providers(call);
  }
  if (call.is(2, "resourcegroups")) {
    if (size <= 4) return arm_resource_groups(call);
    if (call.is(4, "resources") && size == 5) return arm_resources(call, call.parts[3]);
    if (call.is(4, "deployments") && call.is(6, "operations")) return arm_deployment_operations(call, 4);
    if (call.is(4, "providers") && call.is(5, "Microsoft.KeyVault") && call.is(6, "managedHSMs") && size == 7) {
      return json_answer(200, list_answer({}));
    }
    if (call.is(4, "providers") && call.is(5, "Microsoft.KeyVault") && call.is(6, "vaults")) {
      return arm_vaults(call, call.parts[3]);
    }
    if (call.is(4, "providers") && call.is(5, "Microsoft.Network") && call.is(6, "virtualNetworks"))
      return arm_virtual_networks(call);
  }
  return invalid_path(call);
}

HttpResponse arm(World& world, const HttpRequest& request, const SandboxCloud& cloud) {
  const auto version = request.parameter("api-version");
  ArmCall call{world,
               cloud,
               request.host,
               request.method,
               segments(request.path),
               request.query,
               request.body,
               {},
               std::string(version.value_or("")),
               {},
               false};
  const auto correlation = request.header("x-ms-correlation-request-id");
  call.correlation_id = correlation.empty() ? world.random.guid() : std::string(correlation);
  const auto answer_of = [&] {
    if (call.api_version.empty()) {
      return arm_error(400, "MissingApiVersionParameter",
                       "The api-version query parameter (?api-version=) is required for all requests.");
    }
    if (call.is(0, "metadata") && call.is(1, "endpoints") && call.method == "GET") {
      return metadata_endpoints(cloud, call.api_version);
    }
    if (auto refused = authenticate(request, call)) return std::move(*refused);
    return arm_dispatch(call);
  };
  HttpResponse answer = answer_of();
  if (answer.status != 401) count_down(call, answer);
  add_headers(call, request, answer);
  if (call.method == "HEAD") {
    answer.body.clear();
    std::erase_if(answer.headers, [](const auto& header) { return header.first == "Content-Type"; });
  }
  return answer;
}

}  // namespace portalkey::sandbox
