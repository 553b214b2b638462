#include "service/service.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/ascii.h"
#include "base/correlation.h"
#include "base/foreign_text.h"
#include "base/guid.h"
#include "base/log.h"
#include "base/secret_json.h"
#include "service/api/routes.h"
#include "service/callers/strict_json.h"

namespace portalkey {

namespace json = boost::json;

/// A request on its way.
struct Service::Asked {
  const HttpRequest& request;
  std::string correlation, peer;
  const Route* route = nullptr;
  Caller caller;
  std::optional<Call> call;
  ServedTenant* tenant = nullptr;
};

namespace {

constexpr std::size_t kLongestKey = 256;
constexpr std::chrono::hours kTicketTime{1};
constexpr std::size_t kMostCallersRemembered = 10'000;

Problem problem(int status, std::string code, std::string detail, std::string remedy = {}) {
  Problem out;
  out.status = status;
  out.code = std::move(code);
  out.detail = std::move(detail);
  out.remedy = std::move(remedy);
  return out;
}

/// Of a failed sign-in, told alike whatever was wrong.
Problem problem_of_caller(const Error& error) {
  Problem out = problem_of(error);
  if (error.code == Errc::unauthenticated) out.status = 401;
  if (error.code == Errc::forbidden) out.status = 403;
  return out;
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string mac_of(const Secret& key, const std::string& text) {
  unsigned char mac[16];
  key.reveal([&](std::string_view bytes) {
    crypto_generichash(mac, sizeof mac, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  });
  return hex({reinterpret_cast<const char*>(mac), sizeof mac});
}

/// Under a key: a body may hold a typed code, of which there are only a million.
std::string hash_of_request(const Secret& key, const HttpRequest& request) {
  unsigned char hash[crypto_generichash_BYTES];
  crypto_generichash_state state;
  key.reveal([&](std::string_view bytes) {
    crypto_generichash_init(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), sizeof hash);
  });
  for (const std::string* text : {&request.target, &request.body})
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text->data()), text->size());
  crypto_generichash_final(&state, hash, sizeof hash);
  return {reinterpret_cast<const char*>(hash), sizeof hash};
}

/// W3C Trace Context: the trace id of a `traceparent`, as a GUID.
std::string correlation_of(const HttpRequest& request, Random& random) {
  for (const char* name : {"x-correlation-id", "x-ms-client-request-id", "client-request-id"}) {
    if (const auto given = request.header(name); is_guid(given)) return lower(given);
  }
  const auto trace = request.header("traceparent");  // 00-<32 hex>-<16 hex>-<2 hex>
  if (trace.size() == 55 && trace.substr(0, 3) == "00-" &&
      std::ranges::all_of(trace.substr(3, 32), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; })) {
    const std::string id = lower(trace.substr(3, 32));
    return id.substr(0, 8) + "-" + id.substr(8, 4) + "-" + id.substr(12, 4) + "-" + id.substr(16, 4) + "-" + id.substr(20);
  }
  return random.guid();
}

}  // namespace

Service::Service(ServiceParts parts, ServiceSettings settings, Secret ticket_key)
    : parts_(parts), settings_(std::move(settings)), ticket_key_(std::move(ticket_key)), words_(in_api_words) {}

ServedTenant* Service::tenant(std::string_view name) {
  const auto found = std::ranges::find_if(parts_.tenants, [&](const auto& one) { return one->name() == name; });
  return found == parts_.tenants.end() ? nullptr : found->get();
}

ServedTenant& Service::tenant_of(const Call& call) { return *tenant(call.value("tenant")); }

std::string Service::peer_of(const HttpRequest& request) const {
  const auto forwarded = request.header("x-forwarded-for");
  if (forwarded.empty() || std::ranges::find(settings_.trusted_proxies, request.peer) == settings_.trusted_proxies.end())
    return request.peer;
  // The last address is the one that the trusted proxy saw itself.
  auto last = forwarded.substr(forwarded.rfind(',') + 1);
  while (last.starts_with(' ')) last.remove_prefix(1);
  return foreign_code(last);
}

std::string Service::ticket_for(const std::string& tenant, const std::string& job) const {
  const auto until = unix_seconds(parts_.clock.now() + kTicketTime);
  return fmt::format("{}.{}", until, mac_of(ticket_key_, fmt::format("{}\n{}\n{}", until, tenant, job)));
}

bool Service::is_ticket(std::string_view ticket, const std::string& tenant, const std::string& job) const {
  std::int64_t until = 0;
  const auto [rest, wrong] = std::from_chars(ticket.data(), ticket.data() + ticket.size(), until);
  if (wrong != std::errc() || until < unix_seconds(parts_.clock.now())) return false;
  const std::string due = fmt::format("{}.{}", until, mac_of(ticket_key_, fmt::format("{}\n{}\n{}", until, tenant, job)));
  return due.size() == ticket.size() && sodium_memcmp(due.data(), ticket.data(), due.size()) == 0;
}

bool Service::too_often(const std::string& caller) {
  if (settings_.requests_a_minute == 0) return false;
  const auto now = parts_.clock.steady_now();
  const std::lock_guard turn(mutex_);
  if (rates_.size() > kMostCallersRemembered)
    std::erase_if(rates_, [&](const auto& one) { return now - one.second.since > std::chrono::minutes(1); });
  auto& rate = rates_[caller];
  if (now - rate.since > std::chrono::minutes(1)) rate = {now, 0};
  return ++rate.count > settings_.requests_a_minute;
}

HttpResponse Service::handle(const HttpRequest& request) {
  thread_local Random random;
  Asked asked{request, correlation_of(request, random), peer_of(request), nullptr, {}, std::nullopt, nullptr};
  const Correlated work(asked.correlation);
  const auto begun = std::chrono::steady_clock::now();
  HttpResponse answer = this->answer(asked);
  const auto took = std::chrono::steady_clock::now() - begun;
  if (answer.header("x-correlation-id").empty()) answer.headers.emplace_back("X-Correlation-Id", asked.correlation);
  for (const auto& [name, value] : {std::pair{"X-Content-Type-Options", "nosniff"},
                                    {"Cache-Control", "no-store"},
                                    {"Strict-Transport-Security", "max-age=31536000"}}) {
    if (answer.header(lower(name)).empty()) answer.headers.emplace_back(name, value);
  }
  metrics_.answered(asked.route == nullptr ? "none" : std::string(asked.route->id), answer.status, took);
  log(LogLevel::info, fmt::format("{} {} {} {} ms caller={} peer={} correlation={}", request.method,
                                  asked.route == nullptr ? "-" : asked.route->path, answer.status,
                                  std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
                                  asked.caller.id.empty() ? "-" : asked.caller.id, asked.peer, asked.correlation));
  return answer;
}

HttpResponse Service::answer(Asked& asked) {
  std::string allowed;
  std::map<std::string, std::string> values;
  asked.route = find_route(asked.request.method, asked.request.target, values, allowed);
  if (asked.route == nullptr) {
    if (allowed.empty()) return answer_of(problem(404, "not_found", "there is nothing at this address"), asked.correlation);
    auto refused = answer_of(problem(405, "method_not_allowed", "the method is not one of: " + allowed), asked.correlation);
    refused.headers.emplace_back("Allow", allowed);
    return refused;
  }
  asked.call.emplace(Call{asked.request, asked.caller, asked.correlation, std::move(values), {}});
  for (const auto step : {&Service::admit, &Service::read_values, &Service::read_body}) {
    if (auto why = (this->*step)(asked)) {
      if (!asked.route->open) {
        auto event = event_of(asked, fmt::format("refused:{}", why->code));
        if (auto written = parts_.audit.append(event); !written) metrics_.count("audit_failures_total");
      }
      return answer_of(*why, asked.correlation);
    }
  }
  return asked.route->writes ? write(asked) : done(asked);
}

std::optional<Problem> Service::admit(Asked& asked) {
  const Route& route = *asked.route;
  const Call& call = *asked.call;
  const auto tenant_name = call.has("tenant") ? call.value("tenant") : std::string();
  const auto ticket = asked.request.parameter("ticket");
  if (ticket && route.id == "getJobResult" && is_ticket(*ticket, tenant_name, call.value("job"))) {
    asked.caller.id = "ticket";
    asked.tenant = tenant(tenant_name);
    return asked.tenant == nullptr ? std::optional(problem(404, "not_found", "no such tenant is served")) : std::nullopt;
  }
  if (route.open) return std::nullopt;
  if (draining_) {
    auto going = problem(503, "unavailable", "the service is ending", "Ask again in a moment.");
    going.retry_after = std::chrono::seconds(5);
    return going;
  }
  auto caller = parts_.authenticator.caller_of(asked.request.header("authorization"), asked.peer);
  if (!caller) return problem_of_caller(caller.error());
  asked.caller = std::move(*caller);
  if (too_often(std::string(name_of(asked.caller.kind)) + asked.caller.id)) {
    auto slower = problem(429, "too_many_requests",
                          fmt::format("more than {} requests of this caller in a minute", settings_.requests_a_minute),
                          "Ask less often.");
    slower.retry_after = std::chrono::seconds(60);
    return slower;
  }
  if (route.right && !asked.caller.may(*route.right))
    return problem(403, "forbidden",
                   fmt::format("this needs the right {}, which the caller does not have", name_of(*route.right)),
                   "Ask an administrator of the service for it.");
  if (tenant_name.empty()) return std::nullopt;
  asked.tenant = tenant(tenant_name);
  const auto& only = asked.caller.limits.tenants;
  if (asked.tenant == nullptr || (!only.empty() && !only.contains(tenant_name)))
    return problem(404, "not_found", "no tenant of this name is served for this caller", "See GET /v1/tenants.");
  return std::nullopt;
}

std::optional<Problem> Service::read_values(Asked& asked) {
  Call& call = *asked.call;
  for (const auto& [name, value] : asked.request.query) {
    const auto known = std::ranges::find(asked.route->query, std::string_view(name), &Field::name);
    auto why = problem(400, "invalid_input", "");
    why.field = foreign_code(name);
    if (known == asked.route->query.end()) {
      why.detail = fmt::format("there is no query parameter {} here", foreign_text(name));
      return why;
    }
    if (call.has(name)) {
      why.detail = fmt::format("the query parameter {} is given twice", name);
      return why;
    }
    json::object one;
    if (known->kind == Field::Kind::number) {
      std::int64_t number = 0;
      const auto [rest, wrong] = std::from_chars(value.data(), value.data() + value.size(), number);
      one[name] = wrong == std::errc() && rest == value.data() + value.size() ? json::value(number) : json::value(value);
    } else if (known->kind == Field::Kind::flag) {
      one[name] = value == "true" ? json::value(true) : value == "false" ? json::value(false) : json::value(value);
    } else {
      one[name] = value;
    }
    if (auto wrong = why_not_of(one, Shape{"query", {*known}, true})) return wrong;
    call.values.emplace(name, value);
  }
  for (const auto& field : asked.route->query) {
    if (!field.required || call.has(field.name)) continue;
    auto why = problem(400, "invalid_input", fmt::format("the query parameter {} is missing", field.name));
    why.field = field.name;
    return why;
  }
  return std::nullopt;
}

std::optional<Problem> Service::read_body(Asked& asked) {
  const HttpRequest& request = asked.request;
  if (!request.header("content-encoding").empty())
    return problem(415, "unsupported_media_type", "a body with a Content-Encoding is not taken", "Send it plain.");
  const Route& route = *asked.route;
  if (route.body == nullptr) {
    if (!request.body.empty() && request.body != "{}" && request.method != "DELETE")
      return problem(400, "invalid_input", "this takes no body", "Leave it out.");
    return std::nullopt;
  }
  const std::string type = lower(request.header("content-type"));
  if (route.other_bodies && !type.starts_with("application/json")) return std::nullopt;  // the handler reads it
  if (request.body.empty() && route.body_optional) return std::nullopt;
  if (!type.starts_with("application/json"))
    return problem(415, "unsupported_media_type", "the body must be application/json", "Set Content-Type: application/json.");
  boost::system::error_code wrong;
  json::value parsed = parse_secret_json(request.body, wrong);
  if (wrong || !parsed.is_object())
    return problem(400, "invalid_input", wrong ? "the body is no JSON: " + wrong.message() : "the body must be a JSON object");
  // One reader would take the first and another the last.
  if (names_a_member_twice(parsed, request.body))
    return problem(400, "invalid_input", "the body names a member of an object twice", "Name each member once.");
  asked.call->body = std::move(parsed.get_object());
  return why_not_of(asked.call->body, *route.body);
}

AuditEvent Service::event_of(const Asked& asked, std::string outcome) const {
  AuditEvent event;
  event.action = asked.route->id;
  if (!asked.caller.id.empty()) {
    event.caller_kind = name_of(asked.caller.kind);
    event.caller_id = asked.caller.id;
    event.caller_name = asked.caller.name;
  }
  event.peer = asked.peer;
  const Call& call = *asked.call;
  if (asked.tenant != nullptr) event.tenant = asked.tenant->name();
  event.serial = call.value("serialNumber");
  if (event.serial.empty()) event.serial = call.text("serialNumber");
  event.upn = call.value("upn");
  if (event.upn.empty()) event.upn = call.text("upn");
  event.job = call.value("job");
  event.outcome = std::move(outcome);
  event.correlation = asked.correlation;
  return event;
}

HttpResponse Service::done(Asked& asked) {
  HttpResponse answer;
  try {
    answer = asked.route->handle(*this, *asked.call);
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("{} failed unexpectedly: {}", asked.route->id, e.what()));
    answer = answer_of(problem(500, "internal", "the service failed unexpectedly", "Please report this."), asked.correlation);
  }
  if (asked.route->open && !asked.route->writes) return answer;
  const auto event = event_of(asked, answer.status < 400   ? "done"
                                     : answer.status < 500 ? fmt::format("refused:{}", answer.status)
                                                           : fmt::format("failed:{}", answer.status));
  // The effect's own entry is there already; that of its end is missed loudly.
  if (auto written = parts_.audit.append(event); !written) {
    metrics_.count("audit_failures_total");
    log(LogLevel::warning, fmt::format("an answer is not in the audit trail: {}", written.error().what));
  }
  return answer;
}

HttpResponse Service::write(Asked& asked) {
  const HttpRequest& request = asked.request;
  std::string key(request.header("idempotency-key"));
  if (key.empty()) key = request.header("repeatability-request-id");
  if (key.size() > kLongestKey)
    return answer_of(problem(400, "invalid_input", fmt::format("an idempotency key has at most {} bytes", kLongestKey)),
                     asked.correlation);
  const RequestKey known{std::string(name_of(asked.caller.kind)) + ":" + asked.caller.id, request.method + " " + request.path,
                         key};
  if (!key.empty()) {
    auto before = parts_.requests.begin(known, hash_of_request(ticket_key_, request));
    if (!before) {
      auto why = problem_of(before.error());
      if (before.error().code == Errc::invalid_input) why.status = 422;
      if (before.error().code == Errc::conflict) why.retry_after = std::chrono::seconds(2);
      return answer_of(why, asked.correlation);
    }
    if (*before) {
      (*before)->headers.emplace_back("Idempotent-Replay", "true");
      return std::move(**before);
    }
  }
  const auto finish = [&](HttpResponse answer) {
    if (key.empty()) return answer;
    const bool final = answer.status < 500 && answer.status != 429 && answer.status != 424;
    if (auto kept = final ? parts_.requests.answered(known, answer) : parts_.requests.forget(known); !kept)
      log(LogLevel::warning, fmt::format("an answer is not remembered: {}", kept.error().what));
    return answer;
  };
  if (auto written = parts_.audit.append(event_of(asked, "asked")); !written) {
    metrics_.count("audit_failures_total");
    auto why = problem(503, "audit_unavailable", "nothing was done, because it cannot be written into the audit trail",
                       "An administrator of the service must see to its disk.");
    why.retry_after = std::chrono::seconds(30);
    return finish(answer_of(why, asked.correlation));
  }
  return finish(done(asked));
}

bool Service::wait_for(ServedTenant& tenant, const std::string& job, std::chrono::milliseconds patience) {
  const bool may = ++waiting_ <= settings_.most_waiting;
  const bool ended = tenant.queue().wait_for(job, may ? patience : std::chrono::milliseconds(0));
  --waiting_;
  return ended;
}

std::vector<std::string> Service::not_ready() {
  std::vector<std::string> missing;
  if (draining_) missing.emplace_back("the service is ending");
  if (parts_.tenants.empty()) missing.emplace_back("no tenant is configured");
  for (const auto& tenant : parts_.tenants) {
    if (const auto person = tenant->person_needed())
      missing.push_back(fmt::format("{}: {}", tenant->name(), in_api_words(person->what)));
    if (const auto problem = tenant->session_figures().problem;
        problem && tenant->tenant().profile().backend == Backend::portal)
      missing.push_back(fmt::format("{}: {}", tenant->name(), in_api_words(problem->what)));
  }
  return missing;
}

}  // namespace portalkey
