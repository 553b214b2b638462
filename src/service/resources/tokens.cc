#include "service/resources/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/json/code_json.h"
#include "app/json/token_json.h"
#include "app/operations/activate_tokens.h"
#include "app/operations/assign_tokens.h"
#include "app/operations/import_seeds.h"
#include "app/operations/replace_tokens.h"
#include "app/operations/show_token.h"
#include "app/operations/token_code.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "service/resources/answers.h"
#include "service/resources/seed_body.h"

namespace portalkey {
namespace {

namespace json = boost::json;
constexpr std::chrono::seconds kShort{20};  // what one token may take before the answer is 202
constexpr std::size_t kMostWithoutExport = 25;

json::object token_json(const TenantToken& tenants) {
  const TenantToken token = shown(tenants);
  return {{"serialNumber", token.serial},
          {"upn", token.upn},
          {"state", state_of(token)},
          {"timeInterval", token.step ? json::value(*token.step) : json::value(nullptr)},
          {"manufacturer", token.manufacturer},
          {"model", token.model},
          {"displayName", token.display_name},
          {"userId", token.user_id},
          {"id", token.oath_id}};
}

MirrorQuery query_of(const Call& call) {
  MirrorQuery query;
  query.search = call.value("search");
  query.upn = call.value("upn");
  query.serial = call.value("serialNumber");
  query.manufacturer = call.value("manufacturer");
  query.model = call.value("model");
  if (call.has("state")) query.state = token_state_of(call.value("state"));
  if (call.has("orderBy")) query.order = *token_order_of(call.value("orderBy"));  // one of the route's
  query.most = call.has("top") ? std::stoul(call.value("top")) : 50;
  query.after = call.value("after");
  return query;
}

HttpResponse not_read_yet(const Call& call, const Error& error) {
  if (error.code != Errc::not_found) return refusal(call, error);
  Problem problem;
  problem.status = 503;
  problem.code = "not_read_yet";
  problem.detail = "the tenant's tokens are being read for the first time";
  problem.remedy = "Ask again in a moment.";
  problem.retry_after = std::chrono::seconds(10);
  return answer_of(problem, call.correlation);
}

/// One row as a seed file of it.
Result<SeedBody> body_of_token(const json::object& token, const std::string& serial, const std::string& upn) {
  json::object row = token;
  if (!serial.empty()) row["serialNumber"] = serial;
  if (!upn.empty()) row["upn"] = upn;
  return SeedBody::of_rows(json::array{std::move(row)});
}

/// What is wrong with the one row is a refusal of the request, not of a row.
HttpResponse answer_of_one(Service& service, const Call& call, const Result<JobOutcome>& outcome) {
  return answer_of_job(service, call, outcome, kShort);
}

}  // namespace

HttpResponse list_tokens(Service& service, Call& call) {
  const auto query = query_of(call);
  if (!call.caller.limits.may_export && (!query.after.empty() || query.most > kMostWithoutExport)) {
    return refusal(call, 403, "forbidden",
                   fmt::format("this caller may look, but not take whole lists: at most {} tokens, and no further page",
                               kMostWithoutExport),
                   "Search for what is wanted.");
  }
  auto page = service.mirror().page(service.tenant_of(call).name(), query);
  if (!page) return not_read_yet(call, page.error());
  json::array tokens;
  for (const auto& token : page->tokens) tokens.push_back(token_json(token));
  json::object body{{"value", std::move(tokens)}, {"next", nullptr}, {"asOf", iso_time(page->as_of)}};
  if (!page->next.empty()) body["next"] = page->next;
  return json_answer(200, body);
}

HttpResponse count_tokens(Service& service, Call& call) {
  auto counts = service.mirror().counts(service.tenant_of(call).name(), query_of(call));
  if (!counts) return not_read_yet(call, counts.error());
  return json_answer(200, json::object{{"tokens", counts->all},
                                       {"active", counts->active},
                                       {"notActivated", counts->not_activated},
                                       {"unassigned", counts->unassigned},
                                       {"asOf", iso_time(counts->as_of)}});
}

HttpResponse get_token(Service& service, Call& call) {
  auto known = show_token(service.tenant_of(call).tenant(), call.value("serialNumber"));
  if (!known) return refusal(call, known.error());
  return json_answer(200, json_of(*known, service.words()));
}

HttpResponse add_token(Service& service, Call& call) {
  json::object token = call.body;
  for (const char* other : {"activate", "again", "preview", "requestId"}) token.erase(other);
  auto body = body_of_token(token, {}, {});
  if (!body) return refusal(call, body.error());
  SeedImport import{.seeds = {.file = body->path()}, .terms = terms_of(service, call)};
  import.activate = !call.body.contains("activate") || call.flag("activate");
  return answer_of_one(service, call, import_seeds(service.tenant_of(call).tenant(), import));
}

HttpResponse remove_token(Service& service, Call& call) {
  const TokensToTake taking{.named = {.serials = {call.value("serialNumber")}}, .terms = terms_of(service, call)};
  return answer_of_one(service, call, remove_tokens(service.tenant_of(call).tenant(), taking));
}

HttpResponse assign_token(Service& service, Call& call) {
  const TokenAssignment wanted{.serial = call.value("serialNumber"), .upn = call.text("upn"), .terms = terms_of(service, call)};
  return answer_of_one(service, call, assign_tokens(service.tenant_of(call).tenant(), wanted));
}

HttpResponse unassign_token(Service& service, Call& call) {
  const TokensToTake taking{.named = {.serials = {call.value("serialNumber")}}, .terms = terms_of(service, call)};
  return answer_of_one(service, call, unassign_tokens(service.tenant_of(call).tenant(), taking));
}

HttpResponse activate_token(Service& service, Call& call) {
  auto& tenant = service.tenant_of(call);
  const auto serial = call.value("serialNumber");
  if (call.body.contains("secretKey")) {
    json::object token = call.body;
    for (const char* other : {"code", "nextCode", "preview"}) token.erase(other);
    auto body = body_of_token(token, serial, {});
    if (!body) return refusal(call, body.error());
    SeedActivation wanted{.seeds = {.file = body->path()}, .serials = {serial}, .terms = terms_of(service, call)};
    wanted.codes = {call.text("code"), call.text("nextCode")};
    return answer_of_one(service, call, activate_from_seeds(tenant.tenant(), wanted));
  }
  if (call.text("code").empty())
    return refusal(call, 400, "invalid_input", "the device's code or its secret key is needed", "Give code, or secretKey.");
  auto held = show_token(tenant.tenant(), serial);
  if (!held) return refusal(call, held.error());
  if (held->held) {
    if (auto may = may_act_on(service, call, held->held->upn); !may) return refusal(call, may.error());
  }
  auto outcome = activate_with_code(tenant.tenant(), {serial, call.text("code"), call.flag("preview")});
  if (!outcome) return refusal(call, outcome.error());
  if (outcome->state == TokenOutcome::State::failed)
    return refusal(call, 422, "code_refused", outcome->reason, outcome->remedy);
  if (outcome->state == TokenOutcome::State::active) {
    TenantToken now = held->held.value_or(TenantToken{});
    now.active = true;
    (void)service.mirror().put(tenant.name(), now);
  }
  return json_answer(
      200, json::object{{"serialNumber", outcome->serial}, {"upn", outcome->upn}, {"state", name_of(outcome->state)}});
}

HttpResponse replace_token(Service& service, Call& call) {
  const auto& by = call.body.at("by").as_object();
  auto body = body_of_token(by, {}, call.text("upn"));
  if (!body) return refusal(call, body.error());
  TokenReplacements wanted{.seeds = {.file = body->path()}, .terms = terms_of(service, call)};
  wanted.upn = call.text("upn");
  wanted.old_serial = call.value("serialNumber");
  wanted.new_serial = std::string(by.at("serialNumber").as_string());
  return answer_of_one(service, call, replace_tokens(service.tenant_of(call).tenant(), std::move(wanted)));
}

HttpResponse check_token(Service& service, Call& call) {
  json::object token = call.body;
  for (const char* other : {"code", "nextCode"}) token.erase(other);
  auto body = body_of_token(token, call.value("serialNumber"), {});
  if (!body) return refusal(call, body.error());
  CheckOptions options;
  options.of.seeds.file = body->path();
  options.of.serial = call.value("serialNumber");
  options.codes = {call.text("code"), call.text("nextCode")};
  SeedRemarks remarks;
  auto checked = check_code(options, service.clock(), remarks);
  if (!checked) return refusal(call, checked.error());
  return json_answer(200, json_of(*checked, service.words()));
}

}  // namespace portalkey
