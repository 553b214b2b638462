#include "entra/oauth/token_endpoint.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/correlation.h"
#include "base/foreign_text.h"
#include "base/guid.h"
#include "base/percent_encoding.h"
#include "base/random.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/json_answer.h"
#include "http/another_answer.h"
#include "http/header_text.h"

namespace portalkey {
namespace {

constexpr std::int64_t kDay = 86'400;  // lifetimes beyond are a defect of the sender

/// v1 answers spell every number as a string, v2 as a number: both are read.
std::int64_t number(const boost::json::object& object, std::string_view key, std::int64_t otherwise) {
  return number_member(object, key).value_or(otherwise);
}

using Form = std::vector<std::pair<std::string_view, std::string_view>>;

/// Leaves the claims out where there are none.
Body form_with_claims(Form form, std::string_view claims) {
  if (!claims.empty()) form.emplace_back("claims", claims);
  return form_encode(form);
}

Result<boost::json::object> json_object(const Response& response) {
  auto object = json_answer(response);
  if (!object) return std::unexpected(another_answer("Entra", response));
  return std::move(*object);
}

}  // namespace

TokenEndpoint::TokenEndpoint(Http& http, const Cloud& cloud, std::string tenant, Clock& clock, Random& random)
    : http_(http), cloud_(cloud), tenant_(std::move(tenant)), clock_(clock), random_(random) {}

std::string TokenEndpoint::url(std::string_view endpoint) const {
  return fmt::format("https://{}/{}/oauth2/v2.0/{}", cloud_.authority, percent_encode(tenant_), endpoint);
}

bool TokenEndpoint::is_issuer(std::string_view issuer) const {
  const std::string before = fmt::format("https://{}/", cloud_.authority);
  constexpr std::string_view kAfter = "/v2.0";
  if (!issuer.starts_with(before) || !issuer.ends_with(kAfter) || issuer.size() < before.size() + kAfter.size()) return false;
  const auto tenant = issuer.substr(before.size(), issuer.size() - before.size() - kAfter.size());
  return is_guid(tenant) && (!is_guid(tenant_) || same_ignoring_case(tenant, tenant_));
}

Result<Response> TokenEndpoint::post(std::string_view endpoint, Body form, Idempotency idempotency, const Deadline& deadline) {
  Request request;
  request.method = "POST";
  request.url = Url(url(endpoint));
  request.idempotency = idempotency;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"client-request-id", correlation().empty() ? random_.guid() : correlation()},
                     {"return-client-request-id", "true"}};
  request.body = std::move(form);
  return http_.send(request, deadline);
}

Result<TokenAnswer> TokenEndpoint::decode(const Response& response) {
  if (response.status != 200) return std::unexpected(token_endpoint_error(response));
  auto object = json_object(response);
  if (!object) return pass(object);
  TokenAnswer answer;
  answer.access_token = secret_member(*object, "access_token");
  answer.refresh_token = secret_member(*object, "refresh_token");
  answer.lifetime = std::chrono::seconds(std::clamp<std::int64_t>(number(*object, "expires_in", 0), 0, 2 * kDay));
  answer.id_token = secret_member(*object, "id_token");
  if (answer.access_token.empty()) return fail(Errc::unavailable, "Entra's answer has no access token", "Try again.");
  const bool refresh_token_fits = answer.refresh_token.empty() || answer.refresh_token.reveal(is_refresh_token);
  if (!refresh_token_fits || !answer.access_token.reveal(is_access_token)) {
    return fail(Errc::unavailable,
                "a token in Entra's answer has line breaks, blanks or other characters that no token has; it was dropped",
                "Check whether a proxy answers in Entra's place.");
  }
  return answer;
}

Result<std::string> TokenEndpoint::tenant_id(const Deadline& deadline) {
  if (is_guid(tenant_)) return tenant_;
  Request request;
  request.url =
      Url(fmt::format("https://{}/{}/v2.0/.well-known/openid-configuration", cloud_.authority, percent_encode(tenant_)));
  request.headers = {{"Accept", "application/json"}};
  auto response = http_.send(request, deadline);
  if (!response) return pass(response);
  if (response->status != 200) return std::unexpected(token_endpoint_error(*response));
  auto object = json_object(*response);
  if (!object) return pass(object);
  const Url endpoint(text_member(*object, "token_endpoint"));  // https://{authority}/{tenant id}/oauth2/v2.0/token
  const auto segments = endpoint.segments();
  const bool ours = endpoint.host() == cloud_.authority ||
                    std::ranges::find(cloud_.other_authorities, endpoint.host()) != cloud_.other_authorities.end();
  std::string id = ours && !segments.empty() ? segments.front() : std::string();
  if (!is_guid(id)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("\"{}\" does not lead to one tenant", tenant_),
                                 "Set the tenant's GUID or a verified domain name in the profile.",
                                 {}});
  }
  return id;
}

Result<TokenAnswer> TokenEndpoint::redeem(const Secret& refresh_token, std::string_view client_id, std::string_view resource,
                                          const Deadline& deadline, std::string_view claims) {
  const std::string scope = person_scope(resource);
  auto form = refresh_token.reveal([&](std::string_view token) {
    return form_with_claims(
        {{"grant_type", "refresh_token"}, {"client_id", client_id}, {"refresh_token", token}, {"scope", scope}}, claims);
  });
  // Entra keeps the old token valid after redemption, so a lost answer may be asked for again.
  auto response = post("token", std::move(form), Idempotency::yes, deadline);
  if (!response) return pass(response);
  return decode(*response);
}

Result<TokenAnswer> TokenEndpoint::client_secret(std::string_view client_id, const Secret& client_secret_value,
                                                 std::string_view resource, const Deadline& deadline, std::string_view claims) {
  const std::string scope = default_scope(resource);
  auto form = client_secret_value.reveal([&](std::string_view value) {
    return form_with_claims(
        {{"grant_type", "client_credentials"}, {"client_id", client_id}, {"client_secret", value}, {"scope", scope}}, claims);
  });
  auto response = post("token", std::move(form), Idempotency::yes, deadline);
  if (!response) return pass(response);
  return decode(*response);
}

Result<TokenAnswer> TokenEndpoint::client_assertion(std::string_view client_id, const Secret& assertion,
                                                    std::string_view resource, const Deadline& deadline,
                                                    std::string_view claims) {
  const std::string scope = default_scope(resource);
  auto form = assertion.reveal([&](std::string_view jwt) {
    return form_with_claims({{"grant_type", "client_credentials"},
                             {"client_id", client_id},
                             {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                             {"client_assertion", jwt},
                             {"scope", scope}},
                            claims);
  });
  auto response = post("token", std::move(form), Idempotency::yes, deadline);
  if (!response) return pass(response);
  return decode(*response);
}

Result<TokenAnswer> TokenEndpoint::authorization_code(const Secret& code, const Secret& verifier, std::string_view redirect_uri,
                                                      std::string_view client_id, std::string_view resource,
                                                      const Deadline& deadline, std::string_view claims) {
  const std::string scope = person_scope(resource);
  auto form = code.reveal([&](std::string_view code_text) {
    return verifier.reveal([&](std::string_view verifier_text) {
      return form_with_claims({{"grant_type", "authorization_code"},
                               {"client_id", client_id},
                               {"code", code_text},
                               {"redirect_uri", redirect_uri},
                               {"code_verifier", verifier_text},
                               {"scope", scope}},
                              claims);
    });
  });
  auto response = post("token", std::move(form), Idempotency::no, deadline);
  if (!response) return pass(response);
  return decode(*response);
}

Result<DeviceCode> TokenEndpoint::start_device_code(std::string_view client_id, std::string_view resource,
                                                    const Deadline& deadline, std::string_view claims) {
  const std::string scope = person_scope(resource);
  auto response =
      post("devicecode", form_with_claims({{"client_id", client_id}, {"scope", scope}}, claims), Idempotency::yes, deadline);
  if (!response) return pass(response);
  if (response->status != 200) return std::unexpected(token_endpoint_error(*response));
  auto object = json_object(*response);
  if (!object) return pass(object);
  DeviceCode code;
  code.user_code = foreign_id(text_member(*object, "user_code"));
  std::string page = text_member(*object, "verification_uri");
  if (page.empty()) page = text_member(*object, "verification_url");
  const Url sign_in(page);
  if (!sign_in.valid() || !cloud_.has_sign_in_page(sign_in.host())) {
    const std::string host(sign_in.host());
    return std::unexpected(Error{
        Errc::unavailable,
        fmt::format("Entra's answer sends people to a page that is not Entra's: {}",
                    sign_in.valid() ? fmt::format("it is at {}", host) : std::string(sign_in.problem())),
        "Sign in nowhere else. Check for a proxy that answers in Entra's place, and the cloud's authority in the profile.",
        {{"host", host}}});
  }
  code.verification_uri = sign_in.text();
  code.device_code = secret_member(*object, "device_code");
  code.lifetime = std::chrono::seconds(std::clamp<std::int64_t>(number(*object, "expires_in", 900), 0, kDay));
  code.interval = std::chrono::seconds(std::clamp<std::int64_t>(number(*object, "interval", 5), 1, kDay));
  if (code.user_code.empty() || code.device_code.empty()) {
    return fail(Errc::unavailable, "Entra's answer has no device code", "Try again.");
  }
  return code;
}

Result<TokenAnswer> TokenEndpoint::await_device_code(const DeviceCode& code, std::string_view client_id,
                                                     const Deadline& deadline, std::string_view claims) {
  auto interval = code.interval;
  const auto end = std::min(deadline.at, clock_.steady_now() + code.lifetime);
  for (;;) {
    if (clock_.steady_now() + interval >= end) {
      return fail(Errc::needs_person, "nobody signed in before the code expired", "Start over: [[sign-in]]");
    }
    if (!clock_.sleep_for(interval, deadline.stop)) return fail(Errc::cancelled, "interrupted while waiting for the sign-in");
    auto form = code.device_code.reveal([&](std::string_view value) {
      return form_with_claims(
          {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"}, {"client_id", client_id}, {"device_code", value}},
          claims);
    });
    auto response = post("token", std::move(form), Idempotency::yes, deadline);
    if (!response) {
      if (response.error().code == Errc::unavailable) continue;  // the person may still be typing; the code outlives a hiccup
      return pass(response);
    }
    if (response->status == 200) return decode(*response);
    auto object = json_object(*response);
    const std::string error = object ? text_member(*object, "error") : std::string();
    if (error == "authorization_pending") continue;
    if (error == "slow_down") {  // RFC 8628 §3.5
      interval += std::chrono::seconds(5);
      continue;
    }
    if (error == "authorization_declined" || error == "access_denied") {
      // 70000 says no more than the word. Another code is why: a policy, say.
      constexpr std::int64_t kDeclined = 70000;
      if (const auto why = find_aadsts(text_member(*object, "error_description")); why != 0 && why != kDeclined)
        return std::unexpected(token_endpoint_error(*response));
      return fail(Errc::needs_person, "the sign-in was declined", "Start over: [[sign-in]]");
    }
    if (response->status >= 500 || response->status == 429) continue;
    return std::unexpected(token_endpoint_error(*response));
  }
}

}  // namespace portalkey
