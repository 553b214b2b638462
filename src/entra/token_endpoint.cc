#include "entra/token_endpoint.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "base/percent_encoding.h"
#include "base/random.h"
#include "base/secret_json.h"
#include "entra/aadsts.h"

namespace portalkey {
namespace {

constexpr std::int64_t kDay = 86'400;  // lifetimes beyond are a defect of the sender

/// v1 answers spell every number as a string, v2 as a number: read both.
std::int64_t number(const boost::json::object& object, std::string_view key, std::int64_t otherwise) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return otherwise;
  if (value->is_int64()) return value->get_int64();
  if (value->is_string()) {
    const auto& text = value->get_string();
    std::int64_t out = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem == std::errc() && end == text.data() + text.size()) return out;
  }
  return otherwise;
}

Secret secret(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? Secret(value->get_string()) : Secret();
}

std::string text(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

std::string everything_of(std::string_view resource) { return fmt::format("{}/.default", resource); }

/// Parses a JSON object out of an answer; the parsed copy is freed, and thereby wiped, with the value.
Result<boost::json::object> json_object(const Response& response) {
  boost::system::error_code problem;
  boost::json::value parsed;
  response.body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
  if (problem || !parsed.is_object()) {
    return fail(Errc::unavailable, "Entra's answer is not JSON", "Check whether a proxy answers in Entra's place.");
  }
  return std::move(parsed.get_object());
}

}  // namespace

TokenEndpoint::TokenEndpoint(Http& http, const Cloud& cloud, std::string tenant, Clock& clock, Random& random)
    : http_(http), cloud_(cloud), tenant_(std::move(tenant)), clock_(clock), random_(random) {}

Result<Response> TokenEndpoint::post(std::string_view endpoint, Secret form, Idempotency idempotency,
                                     const Deadline& deadline) {
  Request request;
  request.method = "POST";
  request.url = fmt::format("https://{}/{}/oauth2/v2.0/{}", cloud_.authority, percent_encode(tenant_), endpoint);
  request.idempotency = idempotency;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"client-request-id", random_.guid()},
                     {"return-client-request-id", "true"}};
  request.body = std::move(form);
  return http_.send(request, deadline);
}

Result<TokenAnswer> TokenEndpoint::decode(const Response& response) {
  if (response.status != 200) return std::unexpected(token_endpoint_error(response));
  auto object = json_object(response);
  if (!object) return pass(object);
  TokenAnswer answer;
  answer.access_token = secret(*object, "access_token");
  answer.refresh_token = secret(*object, "refresh_token");
  answer.lifetime = std::chrono::seconds(std::clamp<std::int64_t>(number(*object, "expires_in", 0), 0, 2 * kDay));
  if (answer.access_token.empty()) return fail(Errc::unavailable, "Entra's answer has no access token", "Try again.");
  return answer;
}

Result<std::string> TokenEndpoint::tenant_id(const Deadline& deadline) {
  if (is_guid(tenant_)) return tenant_;
  Request request;
  request.url = fmt::format("https://{}/{}/v2.0/.well-known/openid-configuration", cloud_.authority, percent_encode(tenant_));
  request.headers = {{"Accept", "application/json"}};
  auto response = http_.send(request, deadline);
  if (!response) return pass(response);
  if (response->status != 200) return std::unexpected(token_endpoint_error(*response));
  auto object = json_object(*response);
  if (!object) return pass(object);
  const std::string endpoint = text(*object, "token_endpoint");  // https://{authority}/{tenant id}/oauth2/v2.0/token
  const auto begin = endpoint.find('/', 8);
  const auto end = begin == std::string::npos ? begin : endpoint.find('/', begin + 1);
  std::string id = end == std::string::npos ? std::string() : endpoint.substr(begin + 1, end - begin - 1);
  if (!is_guid(id)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("\"{}\" does not lead to one tenant", tenant_),
                                 "Set the tenant's GUID or a verified domain name in the profile.",
                                 {}});
  }
  return id;
}

Result<TokenAnswer> TokenEndpoint::redeem(const Secret& refresh_token, std::string_view client_id, std::string_view resource,
                                          const Deadline& deadline) {
  const std::string scope = everything_of(resource) + " offline_access openid";
  auto form = refresh_token.reveal([&](std::string_view token) {
    return form_encode({{"grant_type", "refresh_token"}, {"client_id", client_id}, {"refresh_token", token}, {"scope", scope}});
  });
  // Entra keeps the old token valid after redemption, so a lost answer may be asked for again.
  auto response = post("token", std::move(form), Idempotency::yes, deadline);
  if (!response) return pass(response);
  return decode(*response);
}

Result<TokenAnswer> TokenEndpoint::client_secret(std::string_view client_id, const Secret& client_secret_value,
                                                 std::string_view resource, const Deadline& deadline) {
  const std::string scope = everything_of(resource);
  auto form = client_secret_value.reveal([&](std::string_view value) {
    return form_encode(
        {{"grant_type", "client_credentials"}, {"client_id", client_id}, {"client_secret", value}, {"scope", scope}});
  });
  auto response = post("token", std::move(form), Idempotency::yes, deadline);
  if (!response) return pass(response);
  return decode(*response);
}

Result<DeviceCode> TokenEndpoint::start_device_code(std::string_view client_id, std::string_view resource,
                                                    const Deadline& deadline) {
  const std::string scope = everything_of(resource) + " offline_access openid";
  auto response = post("devicecode", form_encode({{"client_id", client_id}, {"scope", scope}}), Idempotency::yes, deadline);
  if (!response) return pass(response);
  if (response->status != 200) return std::unexpected(token_endpoint_error(*response));
  auto object = json_object(*response);
  if (!object) return pass(object);
  DeviceCode code;
  code.user_code = text(*object, "user_code");
  code.verification_uri = text(*object, "verification_uri");
  if (code.verification_uri.empty()) code.verification_uri = text(*object, "verification_url");
  code.device_code = secret(*object, "device_code");
  code.lifetime = std::chrono::seconds(std::clamp<std::int64_t>(number(*object, "expires_in", 900), 0, kDay));
  code.interval = std::chrono::seconds(std::clamp<std::int64_t>(number(*object, "interval", 5), 1, kDay));
  if (code.user_code.empty() || code.device_code.empty()) {
    return fail(Errc::unavailable, "Entra's answer has no device code", "Try again.");
  }
  return code;
}

Result<TokenAnswer> TokenEndpoint::await_device_code(const DeviceCode& code, std::string_view client_id,
                                                     const Deadline& deadline) {
  auto interval = code.interval;
  const auto end = std::min(deadline.at, clock_.steady_now() + code.lifetime);
  for (;;) {
    if (clock_.steady_now() + interval >= end) {
      return fail(Errc::needs_person, "nobody signed in before the code expired", "Start over: portalkey login");
    }
    if (!clock_.sleep_for(interval, deadline.stop)) return fail(Errc::cancelled, "interrupted while waiting for the sign-in");
    auto form = code.device_code.reveal([&](std::string_view value) {
      return form_encode(
          {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"}, {"client_id", client_id}, {"device_code", value}});
    });
    auto response = post("token", std::move(form), Idempotency::yes, deadline);
    if (!response) {
      if (response.error().code == Errc::unavailable) continue;  // the person may still be typing; the code outlives a hiccup
      return pass(response);
    }
    if (response->status == 200) return decode(*response);
    auto object = json_object(*response);
    const std::string error = object ? text(*object, "error") : std::string();
    if (error == "authorization_pending") continue;
    if (error == "slow_down") {  // RFC 8628 §3.5
      interval += std::chrono::seconds(5);
      continue;
    }
    if (error == "authorization_declined" || error == "access_denied") {
      return fail(Errc::needs_person, "the sign-in was declined", "Start over: portalkey login");
    }
    if (response->status >= 500 || response->status == 429) continue;
    return std::unexpected(token_endpoint_error(*response));
  }
}

}  // namespace portalkey
