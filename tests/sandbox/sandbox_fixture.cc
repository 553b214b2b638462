#include "tests/sandbox/sandbox_fixture.h"

#include "base/base64.h"

namespace portalkey::sandbox {

SandboxOptions SandboxTest::usual() {
  SandboxOptions options;
  options.auto_approve = true;
  return options;
}

void SandboxTest::start(SandboxOptions options) {
  // The signing key takes the longest; all tests share one, in an otherwise untouched state.
  static const std::string fresh = [] {
    const SystemClock real;
    auto made = Emulator::make({}, real, {});
    return made ? made->saved() : std::string();
  }();
  auto made = Emulator::make(std::move(options), clock, fresh);
  ASSERT_TRUE(made) << made.error().what;
  emulator.emplace(std::move(*made));
}

FaultyResponse SandboxTest::send(std::string_view method, std::string_view url, TextPairs headers, std::string body) {
  HttpRequest request;
  request.method = method;
  const auto host = url.substr(url.find("://") + 3);
  request.host = lower(host.substr(0, host.find('/')));
  set_target(request, url);
  request.headers = std::move(headers);
  request.body = std::move(body);
  request.peer = "127.0.0.1";
  return emulator->handle(request);
}

FaultyResponse SandboxTest::post_form(std::string_view url, std::string body, TextPairs headers) {
  headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  return send("POST", url, std::move(headers), std::move(body));
}

FaultyResponse SandboxTest::admin(std::string_view method, std::string_view path, std::string body) {
  HttpRequest request;
  request.method = method;
  request.host = "127.0.0.1";
  set_target(request, path);
  request.headers = {{"x-sandbox-token", emulator->world().state.admin_token}};
  if (method == "POST") request.headers.emplace_back("content-type", "application/json");
  request.body = std::move(body);
  return emulator->admin(request);
}

void SandboxTest::policy(std::string_view json_text) {
  const auto answer = admin("POST", "/policy", std::string(json_text));
  ASSERT_EQ(answer.status, 200) << answer.body;
}

json::object SandboxTest::sign_in(std::string_view resource, std::string_view upn) {
  if (!upn.empty()) policy(json::serialize(json::object{{"nextApprover", upn}}));
  const std::string base = std::string(kLogin) + '/' + tenant() + "/oauth2/";
  const std::string who = "client_id=" + std::string(kAzurePowerShell) + "&resource=" + percent_encode(resource);
  const auto code = text_at(post_form(base + "devicecode", who), "device_code");
  const auto answer = post_form(base + "token", who + "&grant_type=device_code&code=" + code);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return object_of(answer);
}

std::string SandboxTest::access_token(std::string_view resource, std::string_view upn) {
  return string_member(sign_in(resource, upn), "access_token").value_or("");
}

std::string SandboxTest::app_token(std::string_view resource) {
  const auto answer =
      post_form(std::string(kLogin) + '/' + tenant() + "/oauth2/token",
                "grant_type=client_credentials&client_id=" + client_id() + "&client_secret=" + percent_encode(client_secret()) +
                    "&resource=" + percent_encode(resource));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return text_at(answer, "access_token");
}

TextPairs SandboxTest::bearer(std::string_view token) { return {{"authorization", "Bearer " + std::string(token)}}; }

FaultyResponse SandboxTest::portal(std::string_view method, std::string_view path, std::string_view token, std::string body) {
  TextPairs headers = bearer(token);
  headers.emplace_back("x-ms-client-request-id", "11111111-1111-4111-8111-111111111111");
  headers.emplace_back("x-ms-correlation-id", "22222222-2222-4222-8222-222222222222");
  if (!body.empty()) headers.emplace_back("content-type", "application/json");
  return send(method, std::string(kPortal) + std::string(path), std::move(headers), std::move(body));
}

json::object object_of(const HttpResponse& answer) {
  auto object = parse_json_object(answer.body);
  EXPECT_TRUE(object) << answer.status << ' ' << answer.body;
  return object ? *object : json::object();
}

std::string text_at(const HttpResponse& answer, std::string_view name) {
  return string_member(object_of(answer), name).value_or("");
}

std::int64_t aadsts_of(const HttpResponse& answer) {
  const auto object = object_of(answer);
  const auto* codes = member(object, "error_codes");
  return codes != nullptr && codes->is_array() && !codes->get_array().empty() ? codes->get_array()[0].to_number<std::int64_t>()
                                                                              : 0;
}

std::string vault_code_of(const HttpResponse& answer) {
  const auto object = object_of(answer);
  const auto* error = member(object, "error");
  if (error == nullptr || !error->is_object()) return {};
  std::string code = string_member(error->get_object(), "code").value_or("");
  const auto* inner = member(error->get_object(), "innererror");
  if (inner != nullptr && inner->is_object()) code += '/' + string_member(inner->get_object(), "code").value_or("");
  return code;
}

json::object claims_of(std::string_view token) {
  const auto first = token.find('.');
  const auto payload = decode_base64url(token.substr(first + 1, token.rfind('.') - first - 1));
  auto object = payload ? parse_json_object(*payload) : std::nullopt;
  EXPECT_TRUE(object) << "not a JWT";
  return object ? *object : json::object();
}

}  // namespace portalkey::sandbox
