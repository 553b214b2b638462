#include <utility>

#include "sandbox/entra_call.h"
#include "sandbox/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kLifetime = 900;

std::string new_user_code(Random& random) {
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";  // none that look alike
  std::string code;
  for (int i = 0; i < 9; ++i) code += kLetters[random.below(kLetters.size())];
  return code;
}

}  // namespace

HttpResponse device_code_endpoint(EntraCall& call) {
  World& world = call.world;
  ErrorDetails details = call.details();
  const auto id = call.parameter("client_id");
  if (!id) {
    details.value = "client_id";
    return call.error(900144, details);
  }
  const Client client{lower(*id), lower(*id) == kAzurePowerShell || lower(*id) == kAzureCli, false};
  if (!client.first_party && !world.state.apps.contains(client.id)) return call.error(700016, details);
  if (!call.version1 && call.parameter("resource")) return call.error(901002, details);
  if (!call.parameter(call.version1 ? "resource" : "scope")) {
    details.value = call.version1 ? "resource" : "scope";
    return call.error(900144, details);
  }
  Wanted wanted;
  if (const int code = read_wanted(call, wanted); code != 0) return call.error(code, details);
  if (wanted.identifier.empty()) wanted.identifier = "00000003-0000-0000-c000-000000000000";  // `openid` alone: Graph
  const auto resource = find_resource(world, wanted.identifier);
  details.resource = wanted.identifier;
  if (const int code = why_not(world, client, resource); code != 0) return call.error(code, details);

  std::erase_if(world.device_codes, [&](const auto& item) { return item.second.expires + kLifetime < world.clock.seconds(); });
  DeviceCode device;
  device.device_code = "BAQABIQEAAAA" + opaque(world.random, 240);
  device.user_code = new_user_code(world.random);
  device.client_id = client.id;
  device.resource = wanted.identifier;
  device.scopes = wanted.scopes;
  device.expires = world.clock.seconds() + kLifetime;
  std::string approver = std::exchange(world.state.policy.next_approver, {});
  if (!approver.empty()) world.touch();
  if (approver.empty() && world.options.auto_approve) {
    approver = resource->kind == ResourceKind::portal ? kServiceAccount : kAdminAccount;
  }
  if (!approver.empty()) {
    device.status = DeviceCode::Status::approved;
    device.user = lower(approver);
    device.mfa = world.state.policy.mfa_at_sign_in;
  }

  const int interval = world.options.auto_approve ? 1 : 5;
  const std::string page(call.cloud.device_page);
  json::object body{{"user_code", device.user_code}, {"device_code", device.device_code}};
  body[call.version1 ? "verification_url" : "verification_uri"] = page;
  body["expires_in"] = call.version1 ? json::value(std::to_string(kLifetime)) : json::value(kLifetime);
  body["interval"] = call.version1 ? json::value(std::to_string(interval)) : json::value(interval);
  body["message"] = "To sign in, use a web browser to open the page " + page + " and enter the code " + device.user_code +
                    " to authenticate.";
  const std::string key = device.device_code;
  world.device_codes.emplace(key, std::move(device));
  return json_answer(200, body);
}

}  // namespace portalkey::sandbox
