#include "sandbox/entra/sign_in_page.h"

#include "base/ascii.h"
#include "sandbox/entra/sign_in_html.h"

namespace portalkey::sandbox {
namespace {

HttpResponse code_page(std::string_view code, std::string_view problem) {
  std::string body = "<h1>Enter code to allow access</h1><form method=\"post\">";
  if (!problem.empty()) body += "<p class=\"error\" role=\"alert\">" + escaped(problem) + "</p>";
  body +=
      "<p>Once you enter the code displayed on your app or device, it will have access to your account.</p>"
      "<input type=\"text\" name=\"code\" aria-label=\"Code\" placeholder=\"Code\" autocomplete=\"off\" autofocus required "
      "value=\"" +
      escaped(code) + "\"><div class=\"buttons\"><button class=\"main\">Next</button></div></form>";
  return sign_in_html(std::move(body));
}

HttpResponse account_page(const World& world, const DeviceCode& device, std::string problem) {
  const bool vault = device.resource.find("vault") != std::string::npos;
  return sign_in_html(account_form(world, {app_name(world, device.client_id),
                                           " on another device",
                                           device.resource,
                                           std::string(vault ? kAdminAccount : kServiceAccount),
                                           std::move(problem),
                                           {{"code", device.user_code}}}));
}

DeviceCode* find_pending(World& world, std::string_view user_code) {
  for (auto& [key, device] : world.device_codes) {
    if (same_ignoring_case(device.user_code, user_code) && device.status == DeviceCode::Status::pending &&
        device.expires > world.clock.seconds()) {
      return &device;
    }
  }
  return nullptr;
}

}  // namespace

HttpResponse sign_in_page(World& world, const HttpRequest& request) {
  if (request.method != "POST") return code_page(request.parameter("code").value_or(""), {});
  const auto form = parse_form(request.body);
  std::string code;
  for (const auto& [key, value] : form) {
    if (key == "code" && code.empty()) code = trimmed(value);
  }
  DeviceCode* device = find_pending(world, code);
  if (device == nullptr) return code_page(code, "That code didn't work. Check the code and try again.");
  const auto answer = read_account_answer(world, form);
  if (!answer.decided) return account_page(world, *device, {});
  if (answer.cancelled) {
    device->status = DeviceCode::Status::declined;
    return sign_in_html("<h1>You have cancelled the sign-in</h1><p>You may close this window.</p>");
  }
  if (!answer.problem.empty()) return account_page(world, *device, answer.problem);
  device->status = DeviceCode::Status::approved;
  device->user = lower(answer.user->upn);
  device->mfa = answer.mfa;
  return sign_in_html("<h1>You have signed in</h1><p>as " + escaped(answer.user->upn) +
                      ".</p><p>You have signed in to the application on your device. You may now close this window.</p>");
}

}  // namespace portalkey::sandbox
