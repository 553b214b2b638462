#include "sandbox/wire/faults.h"

#include <algorithm>
#include <utility>

#include "sandbox/wire/echo.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

struct KindName {
  std::string_view name;
  FaultKind kind;
  int status;
};
constexpr KindName kKinds[] = {
    {"latency", FaultKind::latency, 0},
    {"429", FaultKind::throttled, 429},
    {"429-no-retry-after", FaultKind::throttled_unsaid, 429},
    {"500", FaultKind::server_error, 500},
    {"502", FaultKind::server_error, 502},
    {"503", FaultKind::server_error, 503},
    {"echo", FaultKind::echo, 400},
    {"answer", FaultKind::answer, 200},
    {"reset-before", FaultKind::reset_before, 0},
    {"reset-after-effect", FaultKind::reset_after_effect, 0},
    {"reset-in-body", FaultKind::reset_in_body, 0},
    {"slow-body", FaultKind::slow_body, 0},
    {"hang", FaultKind::hang, 0},
    {"date", FaultKind::date, 0},
};

bool matches(const FaultRule& rule, Service service, const HttpRequest& request) {
  if (rule.host != "*" && rule.host != name_of(service)) {
    const bool names_a_service = rule.host == "login" || rule.host == "vault" || rule.host == "portal" || rule.host == "arm" ||
                                 rule.host == "graph" || rule.host == "imds";
    if (names_a_service || request.host.find(rule.host) == std::string::npos) return false;
  }
  if (!rule.method.empty() && !same_ignoring_case(rule.method, request.method)) return false;
  return rule.path.empty() || lower(request.path).find(rule.path) != std::string::npos;
}

bool refuses(FaultKind kind) {
  return kind == FaultKind::throttled || kind == FaultKind::throttled_unsaid || kind == FaultKind::server_error ||
         kind == FaultKind::echo || kind == FaultKind::answer;
}

}  // namespace

Result<FaultRule> parse_fault(std::string_view json_text) {
  const auto in = parse_json_object(json_text);
  if (!in)
    return fail(Errc::invalid_input, "a fault is not a JSON object",
                R"(Write it like {"host":"vault","kind":"503","times":2}.)");
  static constexpr std::string_view kKnown[] = {"host",  "path",    "method",        "kind",       "probability",
                                                "times", "skip",    "status",        "retryAfter", "milliseconds",
                                                "body",  "headers", "offsetSeconds", "date"};
  for (const auto& item : *in) {
    const std::string_view key(item.key().data(), item.key().size());
    if (std::ranges::find(kKnown, key) == std::end(kKnown)) {
      return fail(Errc::invalid_input, "a fault has no member '" + std::string(key) + "'",
                  "Known: host, path, method, kind, probability, times, skip, status, retryAfter, milliseconds, body, headers, "
                  "offsetSeconds, date.");
    }
  }
  FaultRule rule;
  rule.host = lower(string_member(*in, "host").value_or("*"));
  rule.path = lower(string_member(*in, "path").value_or(""));
  rule.method = string_member(*in, "method").value_or("");
  rule.kind_name = string_member(*in, "kind").value_or("");
  if (const auto number = int_member(*in, "kind")) rule.kind_name = std::to_string(*number);
  const auto* kind = std::ranges::find(kKinds, rule.kind_name, &KindName::name);
  if (kind == std::end(kKinds)) {
    return fail(Errc::invalid_input, "a fault has no kind, or one that does not exist: '" + rule.kind_name + "'",
                "Known: latency, 429, 429-no-retry-after, 500, 502, 503, echo, answer, reset-before, reset-after-effect, "
                "reset-in-body, "
                "slow-body, hang, date.");
  }
  rule.kind = kind->kind;
  rule.status = static_cast<int>(int_member(*in, "status").value_or(kind->status));
  if (rule.status != 0 && (rule.status < 200 || rule.status > 599)) {
    return fail(Errc::invalid_input, "a fault's status must be between 200 and 599");
  }
  if (const auto* probability = member(*in, "probability"); probability != nullptr && probability->is_number()) {
    rule.probability = probability->to_number<double>();
  }
  rule.times = int_member(*in, "times").value_or(-1);
  rule.skip = int_member(*in, "skip").value_or(0);
  rule.retry_after = int_member(*in, "retryAfter");
  rule.milliseconds = int_member(*in, "milliseconds").value_or(0);
  rule.body = string_member(*in, "body").value_or("");
  if (const auto* headers = member(*in, "headers"); headers != nullptr && headers->is_object()) {
    for (const auto& item : headers->get_object()) {
      if (item.value().is_string()) rule.headers.emplace_back(item.key(), view(item.value().get_string()));
    }
  }
  if (const auto unknown = rule.kind == FaultKind::echo ? unknown_spelling(rule.body) : std::nullopt) {
    return fail(Errc::invalid_input, "a fault's body has {secret" + *unknown + "}, which does not exist",
                "Known: {secret}, and behind a colon lower, grouped, percent, json, base64, base64url, hex, bytes-base64, "
                "bytes-hex.");
  }
  rule.offset_seconds = int_member(*in, "offsetSeconds").value_or(0);
  rule.date = string_member(*in, "date").value_or("");
  return rule;
}

std::int64_t FaultBook::add(FaultRule rule) {
  rule.id = next_id_++;
  rules_.push_back(std::move(rule));
  return rules_.back().id;
}

FaultPlan FaultBook::plan(Service service, const HttpRequest& request) { return draw(service, request, false); }

std::optional<FaultRule> FaultBook::refusal(Service service, const HttpRequest& request) {
  return draw(service, request, true).rule;
}

FaultPlan FaultBook::draw(Service service, const HttpRequest& request, bool refusals) {
  FaultPlan plan;
  for (auto& rule : rules_) {
    if (rule.times == 0 || !matches(rule, service, request)) continue;
    if (refusals && !refuses(rule.kind)) continue;
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    // Drawn for every matching request, so that the same requests meet the same faults.
    if (rule.probability < 1.0 && static_cast<double>(random_.below(1'000'000)) >= rule.probability * 1e6) continue;
    if (rule.kind != FaultKind::latency && plan.rule) continue;
    if (rule.times > 0) --rule.times;
    ++rule.hits;
    if (rule.kind == FaultKind::latency) {
      plan.delay += std::chrono::milliseconds(rule.milliseconds);
    } else {
      plan.rule = rule;
    }
  }
  return plan;
}

bool has_effect(FaultKind kind) {
  return kind == FaultKind::latency || kind == FaultKind::reset_after_effect || kind == FaultKind::reset_in_body ||
         kind == FaultKind::slow_body || kind == FaultKind::date;
}

namespace {

/// A refusal that quotes the value, as the service would.
std::string echo_body(Service service) {
  constexpr std::string_view kMessage = "The value '{secret}' is not valid.";
  if (service == Service::login || service == Service::imds) {
    return json::serialize(json::object{{"error", "invalid_grant"},
                                        {"error_description", "AADSTS9002313: " + std::string(kMessage)},
                                        {"error_codes", json::array{9002313}},
                                        {"correlation_id", "{secret}"},
                                        {"suberror", "{secret}"}});
  }
  if (service == Service::portal) {
    return json::serialize(json::object{{"Message", kMessage}, {"ClientData", {{"errorCode", "{secret}"}}}});
  }
  const json::object inner{{"code", "{secret}"}, {"request-id", "{secret}"}, {"innererror", {{"code", "{secret}"}}}};
  return json::serialize(
      json::object{{"error", {{"code", "badRequest"}, {"message", kMessage}, {"innerError", inner}, {"innererror", inner}}}});
}

HttpResponse echo_answer(const FaultRule& rule, Service service, const HttpRequest& request) {
  const std::string body = rule.body.empty() ? echo_body(service) : rule.body;
  HttpResponse answer =
      text_answer(rule.status, body.starts_with('<') ? "text/html" : "application/json; charset=utf-8", filled(body, request));
  answer.headers.emplace_back("x-ms-request-id", filled("{secret}", request));
  answer.headers.emplace_back("request-id", filled("{secret}", request));
  answer.headers.emplace_back("x-ms-correlation-id", filled("{secret}", request));
  for (const auto& [name, value] : rule.headers) answer.headers.emplace_back(name, filled(value, request));
  return answer;
}

/// What a proxy, a gateway or a service says that has another reason than the sandbox knows: word for word.
HttpResponse plain_answer(const FaultRule& rule) {
  const bool page = rule.body.find('<') == rule.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF") && !rule.body.empty();
  HttpResponse answer = text_answer(rule.status, page ? "text/html" : "application/json; charset=utf-8", rule.body);
  for (const auto& [name, value] : rule.headers) answer.headers.emplace_back(name, value);
  return answer;
}

}  // namespace

FaultyResponse fault_answer(const FaultRule& rule, Service service, const HttpRequest& request) {
  if (rule.kind == FaultKind::answer) return plain_answer(rule);
  if (rule.kind == FaultKind::echo) return echo_answer(rule, service, request);
  FaultyResponse answer;
  if (rule.kind == FaultKind::reset_before || rule.kind == FaultKind::hang) {
    answer.mishap.emplace();
    answer.mishap->reset_before_answer = rule.kind == FaultKind::reset_before;
    answer.mishap->hang = rule.kind == FaultKind::hang;
    return answer;
  }
  const bool throttled = rule.status == 429;
  if (service == Service::vault) {
    answer = json_answer(
        rule.status,
        throttled
            ? json::object{{"error",
                            {{"code", "Throttled"},
                             {"message",
                              "Request was not processed because too many requests were received. Reason: "
                              "VaultRequestTypeLimitReached"}}}}
            : json::object{{"error", {{"code", "InternalServerError"}, {"message", "An internal server error occurred."}}}});
  } else if (service == Service::login) {
    answer = json_answer(rule.status,
                         {{"error", "temporarily_unavailable"},
                          {"error_description", throttled ? "AADSTS90055: The tenant is throttled. Try again later."
                                                          : "AADSTS90033: A transient error has occurred. Please try again."},
                          {"error_codes", json::array{throttled ? 90055 : 90033}}});
  } else if (service == Service::graph) {
    answer = json_answer(rule.status, {{"error",
                                        {{"code", throttled ? "TooManyRequests" : "UnknownError"},
                                         {"message", throttled ? "Too many requests." : "An error occurred on the server."},
                                         {"innerError", json::object()}}}});
  } else if (service == Service::imds) {
    answer = json_answer(rule.status, {{"error", throttled ? "too_many_requests" : "unknown"},
                                       {"error_description", throttled ? "Too many requests" : "Failed to retrieve token"}});
  } else if (service == Service::arm) {
    answer = json_answer(
        rule.status,
        {{"error",
          {{"code", throttled            ? "TooManyRequests"
                    : rule.status == 503 ? "ServerTimeout"
                                         : "InternalServerError"},
           {"message", throttled ? "The request is being throttled."
                                 : "The request timed out or an unexpected error occurred. Please try again later."}}}});
  } else if (throttled) {
    answer = json_answer(rule.status, {{"message", "Too many requests."}});
  } else {
    answer = text_answer(rule.status, "text/html",
                         "<html><head><title>Service unavailable</title></head><body><h2>Our services aren't available right "
                         "now</h2></body></html>");
  }
  if (rule.kind == FaultKind::throttled) {
    answer.headers.emplace_back("Retry-After", std::to_string(rule.retry_after.value_or(1)));
  } else if (rule.kind == FaultKind::server_error && rule.retry_after) {
    answer.headers.emplace_back("Retry-After", std::to_string(*rule.retry_after));
  }
  return answer;
}

void apply_after(const FaultRule& rule, FaultyResponse& answer) {
  if (!answer.mishap) answer.mishap.emplace();
  if (rule.kind == FaultKind::reset_after_effect) answer.mishap->reset_before_answer = true;
  if (rule.kind == FaultKind::reset_in_body) answer.mishap->reset_after_body_bytes = answer.body.size() / 2;
  if (rule.kind == FaultKind::slow_body) {
    const auto milliseconds = static_cast<std::size_t>(std::max<std::int64_t>(rule.milliseconds, 1));
    answer.mishap->body_bytes_per_second =
        rule.milliseconds == 0 ? 64 : std::max<std::size_t>(1, answer.body.size() * 1000 / milliseconds);
  }
}

}  // namespace portalkey::sandbox
