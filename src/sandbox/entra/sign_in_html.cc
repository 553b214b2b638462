#include "sandbox/entra/sign_in_html.h"

#include "base/ascii.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

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

}  // namespace

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

HttpResponse sign_in_html(std::string body, int status, std::string_view form_target) {
  auto answer = text_answer(status, "text/html; charset=utf-8", std::string(kHead) + std::move(body) + std::string(kFoot));
  answer.headers.emplace_back("Cache-Control", "no-store, no-cache");
  // Browsers hold the redirect after a form to the same rule as the form.
  const std::string target = form_target.empty() ? std::string() : ' ' + std::string(form_target);
  answer.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'" +
                                                             target + "; frame-ancestors 'none'");
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return answer;
}

std::string app_name(const World& world, std::string_view client_id) {
  if (client_id == kAzurePowerShell) return "Microsoft Azure PowerShell";
  if (client_id == kAzureCli) return "Microsoft Azure CLI";
  if (client_id == kGraphTools) return "Microsoft Graph Command Line Tools";
  const auto app = world.state.apps.find(std::string(client_id));
  return app == world.state.apps.end() ? std::string(client_id) : app->second.name;
}

std::string account_form(const World& world, const AccountQuestion& question) {
  std::string body = "<h1>Pick an account</h1><form method=\"post\">";
  if (!question.problem.empty()) body += "<p class=\"error\" role=\"alert\">" + escaped(question.problem) + "</p>";
  body += "<p>You are signing in to <b>" + escaped(question.app) + "</b>" + escaped(question.where) + ". It asks for <b>" +
          escaped(question.resource) + "</b>.</p>";
  for (const auto& [name, value] : question.hidden) {
    body += "<input type=\"hidden\" name=\"" + escaped(name) + "\" value=\"" + escaped(value) + "\">";
  }
  const std::string hint = lower(question.hint);
  bool offered = false;
  int shown = 0;
  for (const auto& [key, user] : world.state.users) {
    if (user.deleted) continue;
    if (++shown > 12) break;
    offered = offered || key == hint;
    body += "<label><input type=\"radio\" name=\"account\" value=\"" + escaped(user.upn) + "\"" +
            (key == hint ? " checked" : "") + "> " + escaped(user.upn) + "</label>";
  }
  body +=
      "<label>Another account<input type=\"text\" name=\"other\" autocomplete=\"off\" "
      "placeholder=\"someone@contoso.com\"" +
      (offered || hint.empty() ? std::string() : " value=\"" + escaped(question.hint) + '"') +
      "></label>"
      "<label><input type=\"checkbox\" name=\"mfa\" value=\"yes\" checked> with multi-factor authentication</label>"
      // Continue comes first, because the Enter key presses the first button.
      "<div class=\"buttons\"><button class=\"main\" name=\"decision\" value=\"continue\">Continue</button>"
      "<button name=\"decision\" value=\"cancel\">Cancel</button></div></form>";
  return body;
}

AccountAnswer read_account_answer(World& world, const TextPairs& form) {
  const auto field = [&](std::string_view name) -> std::string {
    for (const auto& [key, value] : form) {
      if (key == name && !trimmed(value).empty()) return std::string(trimmed(value));
    }
    return {};
  };
  AccountAnswer out;
  const std::string decision = field("decision");
  out.decided = !decision.empty();
  out.cancelled = decision == "cancel";
  if (!out.decided || out.cancelled) return out;
  out.mfa = field("mfa") == "yes";
  out.user = find_user(world, field("other").empty() ? field("account") : field("other"));
  if (out.user == nullptr || out.user->deleted) {
    out.problem = "This username may be incorrect. Make sure you typed it correctly.";
  } else if (out.user->disabled) {
    out.problem = "AADSTS50057: The user account is disabled.";
  }
  return out;
}

}  // namespace portalkey::sandbox
