#include "service/api/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/json_text.h"
#include "base/remedy.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct ApiWords {
  std::string_view code, call;
};

// What a service says to the references that texts of the core hold; the terminal has a table of its own.
constexpr ApiWords kCalls[] = {
    {"sign-in", "an administrator must sign the service account in: portalkey login"},
    {"sign-in-by-device-code", "an administrator must sign the service account in: portalkey login --device-code"},
    {"refresh-session", "POST /v1/tenants/{tenant}/session/rotate"},
    {"reset-session", "portalkey session reset, on the service's machine"},
    {"examine", "portalkey doctor, on the service's machine"},
    {"examine-and-redeem", "portalkey doctor --redeem, on the service's machine"},
    {"list-tokens", "GET /v1/tenants/{tenant}/tokens"},
    {"import", "POST /v1/tenants/{tenant}/imports"},
    {"activate", "POST /v1/tenants/{tenant}/tokens/{serialNumber}/activate"},
    {"assign", "POST /v1/tenants/{tenant}/tokens/{serialNumber}/assign"},
    {"assign-to", "POST /v1/tenants/{tenant}/tokens/{serialNumber}/assign"},
    {"unassign", "POST /v1/tenants/{tenant}/tokens/{serialNumber}/unassign"},
    {"remove", "DELETE /v1/tenants/{tenant}/tokens/{serialNumber}"},
    {"leave-through", "POST /v1/tenants/{tenant}/users/{upn}/leave"},
    {"remove-through", "DELETE /v1/tenants/{tenant}/tokens/{serialNumber}"},
    {"validate", "POST /v1/tenants/{tenant}/imports with \"preview\": true"},
    {"list-jobs", "GET /v1/tenants/{tenant}/jobs"},
    {"resume-job", "POST /v1/tenants/{tenant}/jobs/{job}/resume"},
    {"show-job", "GET /v1/tenants/{tenant}/jobs/{job}"},
    {"cancel-job", "POST /v1/tenants/{tenant}/jobs/{job}/cancel"},
    {"check-code", "POST /v1/tenants/{tenant}/tokens/{serialNumber}/check"},
    {"call-portal", "POST /v1/tenants/{tenant}/portal/call"},
    {"portal-operations", "GET /v1/tenants/{tenant}/portal/operations"},
};

std::optional<std::string> words_of(const Reference& reference) {
  if (reference.code == "setting" && !reference.parameters.empty()) {
    std::string out = "\"" + reference.parameters[0] + "\"";
    for (std::size_t i = 1; i < reference.parameters.size(); ++i) out += " " + reference.parameters[i];
    return out;
  }
  const auto known = std::ranges::find(kCalls, reference.code, &ApiWords::code);
  return known == std::end(kCalls) ? std::optional("portalkey, on the service's machine")
                                   : std::optional(std::string(known->call));
}

std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Not authenticated";
    case 403: return "Not allowed";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Conflict";
    case 413: return "Too large";
    case 415: return "Unsupported media type";
    case 422: return "Not what was meant";
    case 424: return "The tenant's account was refused";
    case 429: return "Too many requests";
    case 503: return "Not available now";
    default: return "The service failed";
  }
}

constexpr std::chrono::seconds kComeAgain{30};

std::optional<std::chrono::seconds> asked_to_wait(const Error& error) {
  const auto found = std::ranges::find(error.context, "retry-after", [](const auto& entry) { return entry.first; });
  if (found == error.context.end()) return std::nullopt;
  int seconds = 0;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), seconds);
  return std::chrono::seconds(std::max(seconds, 1));
}

}  // namespace

Problem problem_of(const Error& error) {
  Problem problem;
  problem.code = name_of(error.code);
  problem.detail = error.what;
  problem.remedy = error.remedy;
  for (const auto& [key, value] : error.context) {
    if (key == "file" && value.starts_with("/proc/")) continue;  // where a body lies while it is read
    if (key == "field") {
      problem.field = value;
    } else {
      problem.context.emplace_back(key, value);
    }
  }
  switch (error.code) {
    case Errc::invalid_input: problem.status = 400; break;
    case Errc::unauthenticated:
    case Errc::needs_person:
    case Errc::forbidden: problem.status = 424; break;
    case Errc::not_found: problem.status = 404; break;
    case Errc::conflict: problem.status = 409; break;
    case Errc::throttled:
      problem.status = 429;
      problem.retry_after = asked_to_wait(error).value_or(kComeAgain);
      break;
    case Errc::unavailable:
    case Errc::cancelled:
      problem.status = 503;
      problem.retry_after = kComeAgain;
      break;
    case Errc::corrupt:
    case Errc::internal: problem.status = 500; break;
  }
  return problem;
}

HttpResponse answer_of(const Problem& problem, const std::string& correlation) {
  json::object body{{"type", "about:blank"},
                    {"title", title_of(problem.status)},
                    {"status", problem.status},
                    {"code", problem.code},
                    {"detail", in_api_words(problem.detail)}};
  if (!problem.remedy.empty()) body["remedy"] = in_api_words(problem.remedy);
  if (!problem.field.empty()) body["field"] = problem.field;
  if (!problem.context.empty()) {
    json::object context;
    for (const auto& [key, value] : problem.context) context[key] = value;
    body["context"] = std::move(context);
  }
  if (!correlation.empty()) body["correlationId"] = correlation;
  HttpResponse answer;
  answer.status = problem.status;
  answer.headers.emplace_back("Content-Type", "application/problem+json");
  if (problem.retry_after) answer.headers.emplace_back("Retry-After", std::to_string(problem.retry_after->count()));
  if (problem.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  answer.body = json_text(body);
  return answer;
}

std::string in_api_words(std::string_view text) { return with_words(text, words_of); }

}  // namespace portalkey
