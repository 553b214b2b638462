#include <utility>

#include "sandbox/entra/app_settings.h"
#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"

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
  Client client{lower(*id), is_first_party(lower(*id)), false, false, nullptr};
  if (!client.first_party) {
    const auto app = world.state.apps.find(client.id);
    if (app == world.state.apps.end()) return call.error(700016, details);
    client.app = &app->second;
  }
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
    const auto claims = claims_of(call);
    device.mfa = world.state.policy.mfa_at_sign_in || (claims && claims->mfa);
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

HttpResponse device_code_grant(EntraCall& call, const Client& client) {
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = client.id;
  if (client.app != nullptr) {
    const bool is_public = allows_public_flows(*client.app);
    if (is_public == client.confidential) return call.error(is_public ? 700025 : 7000218, details);
  }
  auto code = call.parameter("device_code");
  if (!code) code = call.parameter("code");
  if (!code) {
    details.value = call.version1 ? "code" : "device_code";
    return call.error(900144, details);
  }
  const auto found = world.device_codes.find(*code);
  if (found == world.device_codes.end() || found->second.status == DeviceCode::Status::used) return call.error(70018, details);
  DeviceCode& device = found->second;
  if (device.client_id != client.id) return call.error(70000, details);
  if (device.status == DeviceCode::Status::declined) return call.error(70000, details, "authorization_declined");
  if (world.clock.seconds() >= device.expires) return call.error(call.version1 ? 70019 : 70020, details);
  if (device.status == DeviceCode::Status::pending) return call.error(70016, details);

  Wanted wanted;
  if (call.version1) {
    if (const int error = read_wanted(call, wanted); error != 0) return call.error(error, details);
  }
  if (wanted.identifier.empty()) wanted.identifier = device.resource;
  wanted.scopes.insert(wanted.scopes.end(), device.scopes.begin(), device.scopes.end());
  details.resource = wanted.identifier;
  SandboxUser* user = find_user(world, device.user);
  details.user = device.user;
  if (const int error = judge_user(user); error != 0) return call.error(error, details);
  const auto resource = find_resource(world, wanted.identifier);
  if (const int error = why_not(world, client, resource); error != 0) return call.error(error, details);
  const auto claims = claims_of(call);
  if (claims && claims->mfa && !device.mfa) return call.error(50076, details);
  if (const int error = judge_sign_in(world, device.mfa); error != 0) return call.error(error, details);
  device.status = DeviceCode::Status::used;
  return user_token_answer(call, client, {user, device.mfa, true, {}, false, 0}, wanted, *resource);
}

}  // namespace portalkey::sandbox
