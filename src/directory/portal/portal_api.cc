#include "directory/portal/portal_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/correlation.h"
#include "base/foreign_text.h"
#include "base/random.h"
#include "base/secret_json.h"
#include "entra/oauth/aadsts.h"
#include "http/another_answer.h"
#include "http/bearer_challenge.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::int64_t kAccessTokenExpired = 500133;
constexpr int kNetworkWantsSignIn = 511;  // RFC 6585 §6: never a service's own

const json::value* member(const json::value& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  for (const auto& pair : object.get_object()) {
    if (same_ignoring_case(pair.key(), name)) return &pair.value();
  }
  return nullptr;
}

std::string text(const json::value* value) {
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string message_of(const json::value& body) {
  if (auto message = text(member(body, "message")); !message.empty()) return message;
  const auto* data = member(body, "ClientData");
  if (data == nullptr) data = &body;
  if (const auto* details = member(*data, "localizedErrorDetails"); details != nullptr && details->is_object()) {
    if (auto detail = text(member(*details, "errorDetail")); !detail.empty()) return detail;
    for (const auto& pair : details->get_object()) {
      if (pair.value().is_string()) return std::string(pair.value().get_string());
    }
  }
  if (const auto* results = member(*data, "operationResults"); results != nullptr && results->is_array()) {
    for (const auto& result : results->get_array()) {
      if (auto details = text(member(result, "details")); !details.empty()) return details;
    }
  }
  return {};
}

json::value parsed(const Response& response) {
  boost::system::error_code problem;
  json::value out;
  response.body.reveal([&](std::string_view body) { out = parse_secret_json(body, problem); });
  return problem ? json::value() : out;
}

/// Callers read invalid_input and not_found as the portal's judgement of the request. What went wrong before it got there, at
/// the vault or at the sign-in, is another matter.
Error not_of_the_portal(Error error) {
  if (error.code == Errc::invalid_input || error.code == Errc::not_found) error.code = Errc::unauthenticated;
  return error;
}

std::int64_t aadsts_of(const Response& response) {
  return response.body.reveal([](std::string_view body) { return find_aadsts(body); });
}

}  // namespace

Error portal_refusal(const Response& response) {
  const json::value body = parsed(response);
  const std::string message = foreign_text(message_of(body));
  const std::string said = message.empty() ? "" : fmt::format(": {}", message);
  // Its 401 is a page, and so may be those of a gateway of its own; pages with other statuses are whoever's.
  const bool unknown = !body.is_object();
  const std::string page = unknown ? fmt::format(" (with {})", what_came(response)) : "";
  Error error;
  if (response.status == 400 && aadsts_of(response) != 0) {
    const std::string text = message_of(body);
    error = aadsts_error(aadsts_of(response), "invalid_grant",
                         std::string_view(text).substr(std::min(text.find("AADSTS"), text.size())));
  } else if (demanded_claims(response)) {
    error = {Errc::needs_person,
             "the portal API demands a fresh sign-in of the service account (continuous access evaluation)",
             "Sign the service account in again: [[sign-in]]",
             {}};
  } else if (response.status == 401) {
    error = {Errc::unauthenticated,
             "the portal API does not accept the access token" + page,
             "Check the profile's tenant and cloud; the API takes only a delegated token of a Microsoft client ([[sign-in]]).",
             {}};
  } else if (unknown && ((response.status >= 400 && response.status < 500 && response.status != 429) ||
                         response.status == kNetworkWantsSignIn)) {
    error = another_answer("the portal API", response);
    error.context.clear();
    // It may be the API's own, without a word: what comes after it would be refused as well.
    if (response.status == 403 && response.body.empty()) error.code = Errc::forbidden;
  } else if (response.status == 403) {
    error = {
        Errc::forbidden,
        "the service account may not do this" + said,
        "Give it the role: uploading takes Global Administrator and an Entra ID P1 or P2 licence in the tenant, activating for "
        "others takes Global Administrator or Privileged Authentication Administrator.",
        {}};
  } else if (response.status == 404) {
    error = {Errc::not_found,
             "the portal API has no such path" + said,
             "Check the path; the API is unsupported and may have changed.",
             {}};
  } else if (response.status == 429) {
    error = {Errc::throttled, "the portal API asks to slow down" + said, "Wait some minutes and run the command again.", {}};
  } else if (response.status >= 500) {
    error = {Errc::unavailable, "the portal API is not available" + page, "Try again in a few minutes.", {}};
  } else if (response.status >= 300 && response.status < 400) {
    error = {Errc::unavailable,
             "the portal API redirects elsewhere; the access token was not sent there",
             "Check whether a proxy answers in its place.",
             {}};
  } else {
    error = {Errc::invalid_input, "the portal API refused the request" + said, "", {}};
  }
  error.context.emplace_back("status", std::to_string(response.status));
  const auto* data = member(body, "ClientData");
  if (auto code = foreign_code(text(data != nullptr ? member(*data, "errorCode") : nullptr)); !code.empty())
    error.context.emplace_back("code", code);
  if (auto id = foreign_id(response.header("x-ms-correlation-id")); !id.empty())
    error.context.emplace_back("correlation id", id);
  return error;
}

PortalApi::PortalApi(Http& http, std::string host, PortalToken token, Clock& clock, Random& random)
    : http_(http), host_(std::move(host)), token_(std::move(token)), server_clock_(clock), random_(random) {}

Result<Response> PortalApi::call(PortalCall call, const Deadline& deadline) {
  // Only a path may come in: anything else could name another host or smuggle a header.
  const bool rooted = call.path.starts_with('/') && !call.path.starts_with("//");
  Url url(rooted ? fmt::format("https://{}{}", host_, call.path) : call.path);
  if (!rooted || !url.valid()) {
    return fail(
        Errc::invalid_input,
        fmt::format("the path is none of the portal API: {}", rooted ? url.problem() : "it does not begin with one slash"),
        "Give a path that begins with one slash and has no blanks, for example '/api/AccountSkus?backfillTenants=true'.");
  }
  Request request;
  request.method = call.method;
  request.url = std::move(url);
  request.idempotency = call.idempotency;
  request.body = std::move(call.body);
  request.late_body = std::move(call.late_body);
  for (Secret refused;;) {
    auto token = token_(refused.empty() ? nullptr : &refused, deadline);
    if (!token) return std::unexpected(not_of_the_portal(std::move(token).error()));
    request.bearer = std::move(*token);
    request.headers = {{"Accept", "application/json"},
                       {"Content-Type", "application/json"},
                       {"X-Requested-With", "XMLHttpRequest"},
                       {"x-ms-client-request-id", random_.guid()},
                       {"x-ms-correlation-id", correlation().empty() ? random_.guid() : correlation()}};
    auto response = http_.send(request, deadline);
    if (!response) return std::unexpected(not_of_the_portal(std::move(response).error()));
    server_clock_.observe(*response);
    if (response->status < 300 && is_markup(*response))
      return std::unexpected(another_answer("the portal API", *response));  // it has done nothing
    if (response->status < 300) return response;
    // A claims challenge mostly means that something happened after the token was issued: a renewed one may do, without a
    // person.
    const bool expired = (response->status == 400 && aadsts_of(*response) == kAccessTokenExpired) || demanded_claims(*response);
    if (expired && refused.empty()) {
      refused = std::move(request.bearer);
      continue;
    }
    return std::unexpected(portal_refusal(*response));
  }
}

}  // namespace portalkey
