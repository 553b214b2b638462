// {scope}/providers/Microsoft.Insights/diagnosticSettings: kept and shown; nothing is sent to where they point.
// Source: learn.microsoft.com/rest/api/monitor/diagnostic-settings, and recordings of azure-cli.

#include <algorithm>

#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kVersions[] = {"2021-05-01-preview", "2017-05-01-preview", "2016-09-01", "2015-07-01"};
constexpr std::string_view kSinks[] = {"storageAccountId", "workspaceId", "eventHubAuthorizationRuleId",
                                       "marketplacePartnerId"};
constexpr std::string_view kLogs[] = {"AuditEvent", "AzurePolicyEvaluationDetails"};
constexpr std::string_view kGroups[] = {"audit", "allLogs"};
constexpr std::string_view kMetrics[] = {"AllMetrics"};

HttpResponse bad_request(std::string_view what) { return arm_error(400, "BadRequest", what); }

bool is_one_of(std::span<const std::string_view> known, std::string_view word) {
  return std::ranges::any_of(known, [&](auto one) { return same_ignoring_case(one, word); });
}

/// The `logs` or `metrics` of a body as they are shown.
std::optional<HttpResponse> read_categories(const json::object& in, bool logs, json::array& out) {
  const auto* list = member(in, logs ? "logs" : "metrics");
  if (list == nullptr || list->is_null()) return std::nullopt;
  if (!list->is_array()) return bad_request("The logs and metrics of a diagnostic setting are arrays.");
  for (const auto& item : list->get_array()) {
    if (!item.is_object()) return bad_request("The logs and metrics of a diagnostic setting are arrays of objects.");
    const auto& one = item.get_object();
    const auto category = string_member(one, "category"), group = string_member(one, "categoryGroup");
    if (logs && category && group) return bad_request("A log names a category or a category group, not both.");
    const bool known = category ? (logs ? is_one_of(kLogs, *category) : is_one_of(kMetrics, *category))
                                : logs && group && is_one_of(kGroups, *group);
    if (!known) {
      return bad_request("Category '" + category.value_or(group.value_or("")) + "' is not supported.");
    }
    json::object shown{{"category", optional_json(category)}};
    if (logs) shown["categoryGroup"] = optional_json(group);
    shown["enabled"] = bool_member(one, "enabled").value_or(false);
    const auto* retention = member(one, "retentionPolicy");
    shown["retentionPolicy"] =
        retention != nullptr && retention->is_object() ? *retention : json::value{{"enabled", false}, {"days", 0}};
    out.emplace_back(std::move(shown));
  }
  return std::nullopt;
}

/// The properties of a setting as they are shown, from those of a body.
std::optional<HttpResponse> read_properties(const json::object& in, json::object& out) {
  bool any = false;
  for (const auto name : {"storageAccountId", "serviceBusRuleId", "workspaceId", "eventHubAuthorizationRuleId", "eventHubName",
                          "marketplacePartnerId", "logAnalyticsDestinationType"}) {
    const auto value = string_member(in, name);
    if (value && is_one_of(kSinks, name)) {
      if (!value->starts_with('/')) return bad_request("The value of '" + std::string(name) + "' is not a resource id.");
      any = true;
    }
    out[name] = optional_json(value);
  }
  if (!any) return bad_request("At least one data sink needs to be specified.");
  json::array logs, metrics;
  if (auto refused = read_categories(in, true, logs)) return refused;
  if (auto refused = read_categories(in, false, metrics)) return refused;
  if (logs.empty() && metrics.empty()) return bad_request("At least one log or metric category needs to be specified.");
  out["metrics"] = std::move(metrics);
  out["logs"] = std::move(logs);
  return std::nullopt;
}

json::object setting_json(const DiagnosticSetting& setting) {
  return {{"id", lower(setting.scope) + "/providers/microsoft.insights/diagnosticSettings/" + setting.name},
          {"type", "Microsoft.Insights/diagnosticSettings"},
          {"name", setting.name},
          {"location", nullptr},
          {"kind", nullptr},
          {"tags", nullptr},
          {"properties", parse_json(setting.properties).value_or(json::object())},
          {"identity", nullptr}};
}

HttpResponse categories(const ArmCall& call, std::size_t at, const std::string& scope) {
  if (call.method != "GET" || !call.ends(at + 3)) return arm_method_not_allowed(call);
  json::array list;
  const auto add = [&](std::string_view name, std::string_view kind) {
    list.push_back({{"id", lower(scope) + "/providers/microsoft.insights/diagnosticSettingsCategories/" + std::string(name)},
                    {"type", "microsoft.insights/diagnosticSettingsCategories"},
                    {"name", name},
                    {"location", nullptr},
                    {"kind", nullptr},
                    {"tags", nullptr},
                    {"properties", {{"categoryType", kind}}},
                    {"identity", nullptr}});
  };
  for (const auto name : kLogs) add(name, "Logs");
  for (const auto name : kMetrics) add(name, "Metrics");
  return json_answer(200, list_answer(std::move(list)));
}

}  // namespace

HttpResponse arm_diagnostic_settings(ArmCall& call, std::size_t at) {
  if (auto refused = require_version(call, kVersions, call.parts[at + 2])) return *refused;
  const std::string scope = scope_before(call, at);
  if (at != 8 || !call.is(4, "providers") || !call.is(5, "Microsoft.KeyVault") || !call.is(6, "vaults")) {
    return arm_error(404, "InvalidResourceType",
                     "The sandbox keeps diagnostic settings of key vaults only, not of '" + scope + "'.");
  }
  const bool reads = call.method == "GET";
  if (!reads && call.method != "PUT" && call.method != "DELETE") return arm_method_not_allowed(call);
  const std::string_view verb = reads ? "Read" : call.method == "DELETE" ? "Delete" : "Write";
  if (auto refused = require(call, "Microsoft.Insights/diagnosticSettings/" + std::string(verb), scope)) return *refused;
  if (auto refused = require_scope(call, at)) return *refused;
  if (call.is(at + 2, "diagnosticSettingsCategories")) return categories(call, at, scope);
  auto& all = call.world.state.azure.diagnostic_settings;
  if (call.ends(at + 3)) {
    if (!reads) return arm_method_not_allowed(call);
    json::array list;
    for (const auto& [key, setting] : all) {
      if (same_ignoring_case(setting.scope, scope)) list.emplace_back(setting_json(setting));
    }
    return json_answer(200, list_answer(std::move(list)));
  }
  if (!call.ends(at + 4)) return arm_method_not_allowed(call);
  const std::string& name = call.parts[at + 3];
  const std::string key = lower(scope + '/' + name);
  if (call.method == "PUT") {
    json::object body, properties;
    if (auto refused = read_body(call, body)) return *refused;
    const auto* given = member(body, "properties");
    if (given == nullptr || !given->is_object()) return bad_request("The properties of the diagnostic setting are missing.");
    if (auto refused = read_properties(given->get_object(), properties)) return *refused;
    auto& stored = all[key];
    stored = {scope, name, json::serialize(properties)};
    call.world.touch();
    return json_answer(200, setting_json(stored));
  }
  const auto found = all.find(key);
  if (call.method == "DELETE") {
    if (found == all.end()) return empty_answer(204);
    all.erase(found);
    call.world.touch();
    return empty_answer(200);
  }
  if (found == all.end()) return arm_error(404, "ResourceNotFound", "The diagnostic setting '" + name + "' doesn't exist.");
  return json_answer(200, setting_json(found->second));
}

}  // namespace portalkey::sandbox
