// The authorize endpoint: a person picks an account, the app gets a code. There is no session between sign-ins.

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/app_settings.h"
#include "sandbox/entra/grants.h"
#include "sandbox/entra/sign_in_html.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kCodeLifetime = 600;
constexpr std::string_view kGraphAppId = "00000003-0000-0000-c000-000000000000";
constexpr std::string_view kSubmitScript = "document.forms[0].submit()";

/// An authorization request whose client and redirect URI are known to be good: from here on errors go back to the app.
struct Authorization {
  EntraCall& call;
  Client client;
  std::string redirect_uri;
  Platform platform = Platform::public_client;
  std::string mode = "query";  ///< `query`, `fragment`, `form_post`
};

HttpResponse redirect_to(std::string location) {
  HttpResponse answer;
  answer.status = 302;
  answer.headers.emplace_back("Location", std::move(location));
  answer.headers.emplace_back("Content-Type", "text/html; charset=utf-8");
  return answer;
}

std::string sha256_base64(std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out, &size, EVP_sha256(), nullptr);
  return base64({reinterpret_cast<char*>(out), size});
}

/// Carries `fields` to the redirect URI in the way the request chose.
HttpResponse send_back(const Authorization& to, TextPairs fields) {
  if (auto state = to.call.parameter("state")) fields.emplace_back("state", std::move(*state));
  fields.emplace_back("session_state", to.call.world.random.guid());
  if (to.mode == "form_post") {
    std::string body = "<h1>Signing in</h1><form method=\"post\" action=\"" + escaped(to.redirect_uri) + "\">";
    for (const auto& [name, value] : fields) {
      body += "<input type=\"hidden\" name=\"" + escaped(name) + "\" value=\"" + escaped(value) + "\">";
    }
    body +=
        "<noscript><p>Your browser runs no script; go on by hand.</p></noscript><div class=\"buttons\"><button "
        "class=\"main\">Continue</button></div></form><script>" +
        std::string(kSubmitScript) + "</script>";
    auto answer = sign_in_html(std::move(body));
    for (auto& [name, value] : answer.headers) {
      if (name == "Content-Security-Policy") {
        value = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + sha256_base64(kSubmitScript) + "'";
      }
    }
    return answer;
  }
  std::string location = to.redirect_uri;
  const auto host = location.find("://");
  // As Entra writes it: a host without a path gets one.
  if (host != std::string::npos && location.find_first_of("/?", host + 3) == std::string::npos) location += '/';
  char separator = to.mode == "fragment" ? '#' : location.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : fields) {
    location += std::exchange(separator, '&');
    location += name + '=' + percent_encode(value);
  }
  return redirect_to(std::move(location));
}

HttpResponse send_error(const Authorization& to, int code, ErrorDetails details, std::string_view word = {},
                        std::string_view subcode = {}) {
  World& world = to.call.world;
  const auto* row = find_aadsts(code);
  std::string timestamp = iso7(world.clock.seconds()).substr(0, 19) + 'Z';
  timestamp[10] = ' ';
  TextPairs fields{{"error", std::string(!word.empty()    ? word
                                         : row == nullptr ? "server_error"
                                                          : row->error)},
                   {"error_description", aadsts_message(code, details) + " Trace ID: " + world.random.guid() +
                                             " Correlation ID: " + world.random.guid() + " Timestamp: " + timestamp},
                   {"error_uri", "https://" + std::string(to.call.cloud.authority) + "/error?code=" + std::to_string(code)}};
  if (!subcode.empty()) fields.emplace_back("error_subcode", subcode);
  return send_back(to, std::move(fields));
}

/// Where a form on the page may lead, for the browser's policy.
std::string origin_of(std::string_view uri) {
  const auto colon = uri.find("://");
  if (colon == std::string_view::npos) return std::string(uri.substr(0, uri.find(':') + 1));
  return std::string(uri.substr(0, uri.find_first_of("/?#", colon + 3)));
}

HttpResponse account_page(const Authorization& to, const Wanted& wanted, std::string problem) {
  const EntraCall& call = to.call;
  AccountQuestion question{app_name(call.world, to.client.id), {}, wanted.identifier, {}, std::move(problem), {}};
  const bool portal = find_resource(call.world, wanted.identifier)->kind == ResourceKind::portal;
  question.hint = call.parameter("login_hint").value_or(std::string(portal ? kServiceAccount : kAdminAccount));
  for (const auto& [name, value] : call.form) {
    if (name != "account" && name != "other" && name != "mfa" && name != "decision") question.hidden.emplace_back(name, value);
  }
  return sign_in_html(account_form(call.world, question), 200, origin_of(to.redirect_uri));
}

HttpResponse give_code(const Authorization& to, const Wanted& wanted, const SandboxUser& user, bool mfa) {
  const EntraCall& call = to.call;
  World& world = call.world;
  std::erase_if(world.authorization_codes,
                [&](const auto& item) { return item.second.expires + kCodeLifetime < world.clock.seconds(); });
  AuthorizationCode code;
  code.client_id = to.client.id;
  code.redirect_uri = to.redirect_uri;
  code.resource = wanted.identifier;
  code.scopes = wanted.scopes;
  code.nonce = call.parameter("nonce").value_or("");
  code.challenge = call.parameter("code_challenge").value_or("");
  code.plain = call.parameter("code_challenge_method").value_or("plain") == "plain";
  code.claims = call.parameter("claims").value_or("");
  code.user = lower(user.upn);
  code.mfa = mfa;
  code.expires = world.clock.seconds() + kCodeLifetime;
  const std::string text = "1.AX0A" + opaque(world.random, 20) + ".AgABBAIAAAA" + opaque(world.random, 700);
  world.authorization_codes.emplace(text, std::move(code));
  TextPairs fields{{"code", text}};
  if (call.parameter("client_info") == "1") {
    const json::object info{{"uid", user.oid}, {"utid", world.state.tenant_id}};
    fields.emplace_back("client_info", base64url(json::serialize(info)));
  }
  return send_back(to, std::move(fields));
}

/// 0, or the code for a PKCE challenge that cannot be right.
int judge_challenge(const Authorization& to) {
  const auto challenge = to.call.parameter("code_challenge");
  const std::string method = to.call.parameter("code_challenge_method").value_or("plain");
  if (!challenge) return to.platform == Platform::spa ? 9002325 : 0;
  if (method != "plain" && method != "S256") return 50149;
  return challenge->size() < 43 || challenge->size() > 128 ? 501491 : 0;
}

/// The account that signs in without a person; nullptr if a person has to.
SandboxUser* signs_in_alone(EntraCall& call, const Resource& resource) {
  World& world = call.world;
  std::string approver = std::exchange(world.state.policy.next_approver, {});
  if (!approver.empty()) world.touch();
  if (approver.empty() && world.options.auto_approve) {
    approver = call.parameter("login_hint").value_or("");
    if (find_user(world, approver) == nullptr) {
      approver = resource.kind == ResourceKind::portal ? kServiceAccount : kAdminAccount;
    }
  }
  return approver.empty() ? nullptr : find_user(world, approver);
}

HttpResponse sign_in(const Authorization& to) {
  EntraCall& call = to.call;
  World& world = call.world;
  ErrorDetails details = call.details();
  details.client = to.client.id;
  const std::string type = call.parameter("response_type").value_or("");
  details.value = type.empty() ? "response_type" : type;
  if (type.empty()) return send_error(to, 900144, details);
  if (type != "code") return send_error(to, 700051, details);
  if (const int code = judge_challenge(to); code != 0) return send_error(to, code, details, "invalid_request");
  Wanted wanted;
  if (const int code = read_wanted(call, wanted); code != 0) return send_error(to, code, details);
  if (!call.version1 && wanted.scopes.empty()) {
    details.value = "scope";
    return send_error(to, 900144, details);
  }
  if (wanted.identifier.empty()) wanted.identifier = kGraphAppId;  // `openid` alone
  details.resource = wanted.identifier;
  const auto resource = find_resource(world, wanted.identifier);
  if (const int code = why_not(world, to.client, resource); code != 0) return send_error(to, code, details);
  const auto claims = claims_of(call);
  if (!claims) return send_error(to, 9002313, details);

  const AccountAnswer answer = read_account_answer(world, call.form);
  if (answer.cancelled) return send_error(to, 65004, details, "access_denied", "cancel");
  if (answer.decided) {
    if (!answer.problem.empty()) return account_page(to, wanted, answer.problem);
    // What Entra would settle with the person, the page can only tell.
    if (const int code = claims->mfa && !answer.mfa ? 50076 : judge_sign_in(world, answer.mfa); code != 0) {
      return account_page(to, wanted, aadsts_message(code, details));
    }
    return give_code(to, wanted, *answer.user, answer.mfa);
  }
  const std::string prompt = call.parameter("prompt").value_or("");
  static constexpr std::string_view kPrompts[] = {"", "login", "none", "consent", "select_account", "create"};
  if (std::ranges::find(kPrompts, prompt) == std::end(kPrompts)) {
    details.value = "prompt";
    return send_error(to, 90023, details);
  }
  if (SandboxUser* user = signs_in_alone(call, *resource)) {
    details.user = user->upn;
    int code = judge_user(user);
    const bool mfa = world.state.policy.mfa_at_sign_in || claims->mfa;  // whoever is asked for it does it
    if (code == 0) code = judge_sign_in(world, mfa);
    if (code == 0) return give_code(to, wanted, *user, mfa);
    return send_error(to, code, details, prompt == "none" ? "interaction_required" : "access_denied");
  }
  return prompt == "none" ? send_error(to, 50058, details) : account_page(to, wanted, {});
}

}  // namespace

HttpResponse error_page(EntraCall& call, int code, const ErrorDetails& details) {
  auto answer = sign_in_html("<h1>Sorry, but we're having trouble signing you in.</h1><p class=\"error\" role=\"alert\">" +
                                 escaped(aadsts_message(code, details)) + "</p>",
                             400);
  add_entra_headers(call.world, call.request, answer);
  return answer;
}

HttpResponse authorize_endpoint(EntraCall& call) {
  if (call.request.method != "GET" && call.request.method != "POST") {
    return text_answer(405, "text/html; charset=utf-8", "<html><body>405 - method not allowed</body></html>");
  }
  // A request comes in the query, or in a form; what the page asked comes in a form beside a repetition of the request.
  if (call.form.empty()) {
    call.form = call.request.query;
  } else {
    for (const auto& item : call.request.query) {
      if (!call.parameter(item.first)) call.form.push_back(item);
    }
  }
  ErrorDetails details = call.details();
  const auto id = call.parameter("client_id");
  if (!id) {
    details.value = "client_id";
    return error_page(call, 900144, details);
  }
  Authorization to{call, {lower(*id), is_first_party(lower(*id)), false, false, nullptr}, {}};
  if (!to.client.first_party) {
    const auto app = call.world.state.apps.find(to.client.id);
    if (app == call.world.state.apps.end()) return error_page(call, 700016, details);
    to.client.app = &app->second;
    const auto* principal = find_service_principal(call.world, to.client.id);
    if (principal != nullptr && !principal->enabled) return error_page(call, 7000112, details);
  }
  to.redirect_uri = call.parameter("redirect_uri").value_or(default_redirect_uri(to.client.app));
  if (to.redirect_uri.empty()) return error_page(call, 500113, details);
  const auto platform = platform_of(to.client.app, to.redirect_uri);
  details.value = to.redirect_uri;
  if (!platform) return error_page(call, 50011, details);
  to.platform = *platform;
  if (auto mode = call.parameter("response_mode")) {
    details.value = "response_mode";
    if (*mode != "query" && *mode != "fragment" && *mode != "form_post") return error_page(call, 90023, details);
    to.mode = std::move(*mode);
  }
  return sign_in(to);
}

}  // namespace portalkey::sandbox
