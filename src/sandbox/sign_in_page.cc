#include "sandbox/sign_in_page.h"

#include <algorithm>

#include "base/ascii.h"
#include "sandbox/json.h"

namespace portalkey::sandbox {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to your account</title>
<style>
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:#f2f2f2;
font:15px/1.5 "Segoe UI",system-ui,sans-serif;color:#1b1b1b}
main{background:#fff;width:350px;max-width:calc(100vw - 32px);box-sizing:border-box;padding:44px;box-shadow:0 2px 6px rgba(0,0,0,.2)}
h1{font-size:24px;font-weight:600;margin:12px 0}
.brand{color:#737373;font-weight:600}
label{display:block;margin:10px 0}
input[type=text]{width:100%;box-sizing:border-box;font:inherit;padding:6px 2px;border:0;border-bottom:1px solid #666;outline:0}
input[type=text]:focus{border-color:#0067b8}
.buttons{display:flex;justify-content:flex-end;gap:8px;margin-top:24px}
button{font:inherit;min-width:108px;padding:4px 12px;border:0;background:#ccc;cursor:pointer}
button.main{background:#0067b8;color:#fff}
button:focus-visible{outline:2px solid #000;outline-offset:1px}
.error{color:#a4262c}
footer{margin-top:28px;color:#666;font-size:12px}
@media (prefers-color-scheme:dark){body{background:#1b1a19;color:#f3f2f1}main{background:#292827}
input[type=text]{background:transparent;color:inherit}.brand,footer{color:#a19f9d}.error{color:#f1707b}button{background:#484644;color:#f3f2f1}}
</style></head><body><main><div class="brand">portalkey sandbox</div>
)";
constexpr std::string_view kFoot =
    "<footer>An emulated sign-in. Do not enter a real password anywhere.</footer></main></body></html>\n";

HttpResponse page(std::string body, int status = 200) {
  auto answer = text_answer(status, "text/html; charset=utf-8", std::string(kHead) + std::move(body) + std::string(kFoot));
  answer.headers.emplace_back("Cache-Control", "no-store, no-cache");
  answer.headers.emplace_back("Content-Security-Policy",
                              "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'");
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return answer;
}

HttpResponse code_page(std::string_view code, std::string_view problem) {
  std::string body = "<h1>Enter code to allow access</h1><form method=\"post\">";
  if (!problem.empty()) body += "<p class=\"error\" role=\"alert\">" + escaped(problem) + "</p>";
  body +=
      "<p>Once you enter the code displayed on your app or device, it will have access to your account.</p>"
      "<input type=\"text\" name=\"code\" aria-label=\"Code\" placeholder=\"Code\" autocomplete=\"off\" autofocus required "
      "value=\"" +
      escaped(code) + "\"><div class=\"buttons\"><button class=\"main\">Next</button></div></form>";
  return page(std::move(body));
}

HttpResponse account_page(World& world, const DeviceCode& device, std::string_view problem) {
  const std::string_view app = device.client_id == kAzurePowerShell ? "Microsoft Azure PowerShell"
                               : device.client_id == kAzureCli      ? "Microsoft Azure CLI"
                                                                    : "portalkey";
  std::string body = "<h1>Pick an account</h1><form method=\"post\">";
  if (!problem.empty()) body += "<p class=\"error\" role=\"alert\">" + escaped(problem) + "</p>";
  body += "<p>You are signing in to <b>" + std::string(app) + "</b> on another device. It asks for <b>" +
          escaped(device.resource) + "</b>.</p><input type=\"hidden\" name=\"code\" value=\"" + escaped(device.user_code) +
          "\">";
  const std::string_view first = device.resource.find("vault") == std::string::npos ? kServiceAccount : kAdminAccount;
  int shown = 0;
  for (const auto& [key, user] : world.state.users) {
    if (user.deleted) continue;
    if (++shown > 12) break;
    body += "<label><input type=\"radio\" name=\"account\" value=\"" + escaped(user.upn) + "\"" +
            (key == first ? " checked" : "") + "> " + escaped(user.upn) + "</label>";
  }
  body +=
      "<label>Another account<input type=\"text\" name=\"other\" autocomplete=\"off\" "
      "placeholder=\"someone@contoso.com\"></label>"
      "<label><input type=\"checkbox\" name=\"mfa\" value=\"yes\" checked> with multi-factor authentication</label>"
      // Continue comes first, because the Enter key presses the first button.
      "<div class=\"buttons\"><button class=\"main\" name=\"decision\" value=\"continue\">Continue</button>"
      "<button name=\"decision\" value=\"cancel\">Cancel</button></div></form>";
  return page(std::move(body));
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
  const auto field = [&](std::string_view name) -> std::string {
    for (const auto& [key, value] : form) {
      if (key == name && !trimmed(value).empty()) return std::string(trimmed(value));
    }
    return {};
  };
  const std::string code = field("code");
  DeviceCode* device = find_pending(world, code);
  if (device == nullptr) return code_page(code, "That code didn't work. Check the code and try again.");
  const std::string decision = field("decision");
  if (decision.empty()) return account_page(world, *device, {});
  if (decision == "cancel") {
    device->status = DeviceCode::Status::declined;
    return page("<h1>You have cancelled the sign-in</h1><p>You may close this window.</p>");
  }
  const std::string upn = field("other").empty() ? field("account") : field("other");
  const SandboxUser* user = find_user(world, upn);
  if (user == nullptr || user->deleted) {
    return account_page(world, *device, "This username may be incorrect. Make sure you typed it correctly.");
  }
  if (user->disabled) return account_page(world, *device, "AADSTS50057: The user account is disabled.");
  device->status = DeviceCode::Status::approved;
  device->user = lower(user->upn);
  device->mfa = field("mfa") == "yes";
  return page("<h1>You have signed in</h1><p>as " + escaped(user->upn) +
              ".</p><p>You have signed in to the application on your device. You may now close this window.</p>");
}

}  // namespace portalkey::sandbox
