#include "sandbox/graph/oath.h"

namespace portalkey::sandbox {
namespace {

constexpr int kTokensPerUser = 5;

std::string_view status_of(const OathToken& token) {
  if (token.user.empty()) return "available";
  if (token.enabled) return "activated";
  return token.failed_activation ? "failedActivation" : "assigned";
}

}  // namespace

const GraphShape kOathDeviceShape{"directory/authenticationMethodDevices/hardwareOathDevices",
                                  "hardwareOathTokenAuthenticationMethodDevice"};

std::optional<HttpResponse> oath_absent(const GraphCall& call, std::string_view segment) {
  const bool here = call.cloud.name == "AzureCloud" ||
                    (call.cloud.name == "AzureUSGovernment" && call.world.state.policy.graph_oath_in_government);
  if (call.version == "beta" && here) return std::nullopt;
  return graph_no_segment(call, segment);
}

HttpResponse oath_bad_request(const GraphCall& call, std::string_view message) {
  return graph_error(call, 400, "badRequest", message);
}

json::object oath_device(const GraphCall& call, const OathToken& token) {
  json::value assigned_to = nullptr;
  if (const auto user = call.world.state.users.find(token.user); user != call.world.state.users.end()) {
    assigned_to = {{"id", user->second.oid}, {"displayName", user->second.display_name}};
  }
  return {{"@odata.type", "#microsoft.graph.hardwareOathTokenAuthenticationMethodDevice"},
          {"id", token.id},
          {"displayName", token.display_name.empty() ? json::value(nullptr) : json::value(token.display_name)},
          {"serialNumber", token.serial},
          {"manufacturer", token.manufacturer},
          {"model", token.model},
          {"secretKey", nullptr},
          {"timeIntervalInSeconds", token.interval},
          {"status", status_of(token)},
          {"lastUsedDateTime", graph_time(token.last_used)},
          {"hashFunction", token.sha256 ? "hmacsha256" : "hmacsha1"},
          {"assignedTo", std::move(assigned_to)}};
}

json::object oath_method(const GraphCall& call, const OathToken& token) {
  return {{"@odata.type", "#microsoft.graph.hardwareOathAuthenticationMethod"},
          {"id", token.id},
          {"createdDateTime", graph_time(token.assigned)},
          {"lastUsedDateTime", graph_time(token.last_used)},
          {"device", oath_device(call, token)}};
}

std::string oath_objection(const GraphCall& call, const SandboxUser& user) {
  if (user.guest) return "Hardware OATH tokens cannot be assigned to guest users.";
  if (call.world.state.tokens.count_of_user(lower(user.upn)) >= kTokensPerUser) {
    return "The user already has the maximum of five tokens.";
  }
  return {};
}

std::optional<HttpResponse> oath_assign(GraphCall& call, const OathToken& token, const SandboxUser& user) {
  if (!token.user.empty()) return oath_bad_request(call, "The hardware OATH device is already assigned to a user.");
  if (const auto objection = oath_objection(call, user); !objection.empty()) return oath_bad_request(call, objection);
  call.world.state.tokens.assign(token.id, lower(user.upn), call.world.clock.seconds());
  call.world.touch();
  return std::nullopt;
}

}  // namespace portalkey::sandbox
