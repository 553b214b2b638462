#include "service/resources/about.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "service/api/routes.h"
#include "service/resources/answers.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::array names(const std::set<std::string>& all) { return json::value_from(all).as_array(); }

std::string label(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

HttpResponse get_me(Service& service, Call& call) {
  const Caller& caller = call.caller;
  json::array rights, tenants;
  for (const auto right : caller.rights) rights.emplace_back(name_of(right));
  for (const auto& tenant : service.tenants()) {
    if (caller.limits.tenants.empty() || caller.limits.tenants.contains(tenant->name())) tenants.emplace_back(tenant->name());
  }
  json::object limits{{"domains", names(caller.limits.domains)},
                      {"groups", names(caller.limits.groups)},
                      {"tokensADay", nullptr},
                      {"mayExport", caller.limits.may_export}};
  if (caller.limits.tokens_a_day) limits["tokensADay"] = *caller.limits.tokens_a_day;
  return json_answer(200, json::object{{"kind", name_of(caller.kind)},
                                       {"id", caller.id},
                                       {"name", caller.name},
                                       {"rights", std::move(rights)},
                                       {"tenants", std::move(tenants)},
                                       {"limits", std::move(limits)}});
}

HttpResponse list_tenants(Service& service, Call& call) {
  json::array value;
  const auto& only = call.caller.limits.tenants;
  for (const auto& tenant : service.tenants()) {
    if (!only.empty() && !only.contains(tenant->name())) continue;
    const Profile& profile = tenant->tenant().profile();
    value.push_back({{"name", tenant->name()},
                     {"tenantId", profile.tenant},
                     {"cloud", profile.cloud.name},
                     {"backend", profile.backend == Backend::graph ? "graph" : "portal"}});
  }
  return json_answer(200, json::object{{"value", std::move(value)}});
}

HttpResponse search_audit(Service& service, Call& call) {
  AuditFilter filter;
  filter.tenant = call.value("tenant");
  filter.action = call.value("action");
  filter.serial = call.value("serialNumber");
  filter.upn = call.value("upn");
  filter.job = call.value("job");
  filter.caller = call.value("caller");
  if (call.has("from")) filter.from = parse_iso_time(call.value("from"));
  if (call.has("until")) filter.until = parse_iso_time(call.value("until"));
  const std::size_t most = call.has("top") ? std::stoul(call.value("top")) : 100;
  const std::int64_t before = call.has("before") ? std::stoll(call.value("before")) : 0;
  auto page = service.audit().search(filter, most, before);
  if (!page) return refusal(call, page.error());
  json::array value;
  for (const auto& entry : page->entries) {
    const auto& event = entry.event;
    value.push_back({{"number", entry.number},
                     {"time", iso_time(entry.time)},
                     {"action", event.action},
                     {"outcome", event.outcome},
                     {"callerKind", event.caller_kind},
                     {"callerId", event.caller_id},
                     {"callerName", event.caller_name},
                     {"peer", event.peer},
                     {"tenant", event.tenant},
                     {"serialNumber", event.serial},
                     {"upn", event.upn},
                     {"job", event.job},
                     {"correlationId", event.correlation},
                     {"detail", event.detail},
                     {"hash", entry.hash}});
  }
  return json_answer(200,
                     json::object{{"value", std::move(value)},
                                  {"next", page->next == 0 ? json::value(nullptr) : json::value(std::to_string(page->next))}});
}

HttpResponse get_openapi(Service& service, Call&) { return json_answer(200, openapi_document(service.settings().public_url)); }

HttpResponse get_health(Service&, Call&) { return json_answer(200, json::object{{"status", "up"}}); }

HttpResponse get_readiness(Service& service, Call&) {
  const auto missing = service.not_ready();
  return json_answer(missing.empty() ? 200 : 503,
                     json::object{{"status", missing.empty() ? "ready" : "not ready"}, {"missing", json::value_from(missing)}});
}

HttpResponse get_metrics(Service& service, Call&) {
  std::string text = service.metrics().text();
  std::string jobs, tokens;
  for (const auto& tenant : service.tenants()) {
    const auto figures = tenant->queue().figures();
    const auto name = label(tenant->name());
    jobs += fmt::format(
        "portalkey_jobs{{tenant=\"{0}\",state=\"waiting\"}} {1}\nportalkey_jobs{{tenant=\"{0}\",state=\"running\"}} {2}\n"
        "portalkey_jobs_oldest_seconds{{tenant=\"{0}\"}} {3}\n",
        name, figures.waiting, figures.running, figures.oldest ? figures.oldest->count() : 0);
    const auto session = tenant->session_figures();
    if (session.rotated)
      jobs += fmt::format("portalkey_session_rotated_seconds{{tenant=\"{}\"}} {}\n", name,
                          unix_seconds(service.clock().now()) - unix_seconds(*session.rotated));
    if (session.clocks.idle_left)
      jobs += fmt::format("portalkey_session_idle_days_left{{tenant=\"{}\"}} {}\n", name, session.clocks.idle_left->count());
    if (session.clocks.since_sign_in)
      jobs += fmt::format("portalkey_session_days_since_sign_in{{tenant=\"{}\"}} {}\n", name,
                          session.clocks.since_sign_in->count());
    if (session.clocks.mfa_left)
      jobs += fmt::format("portalkey_session_mfa_days_left{{tenant=\"{}\"}} {}\n", name, session.clocks.mfa_left->count());
    jobs += fmt::format("portalkey_session_known{{tenant=\"{}\"}} {}\n", name, session.problem ? 0 : 1);
    if (auto counts = service.mirror().counts(tenant->name(), {})) {
      tokens += fmt::format(
          "portalkey_tokens{{tenant=\"{0}\",state=\"active\"}} {1}\nportalkey_tokens{{tenant=\"{0}\",state=\"not activated\"}} "
          "{2}\n"
          "portalkey_tokens{{tenant=\"{0}\",state=\"unassigned\"}} {3}\nportalkey_mirror_age_seconds{{tenant=\"{0}\"}} {4}\n",
          name, counts->active, counts->not_activated, counts->unassigned,
          unix_seconds(service.clock().now()) - unix_seconds(counts->as_of));
    }
  }
  text += jobs + tokens;
  HttpResponse answer;
  answer.headers.emplace_back("Content-Type", "text/plain; version=0.0.4");
  answer.body = std::move(text);
  return answer;
}

}  // namespace portalkey
