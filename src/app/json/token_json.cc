#include "app/json/token_json.h"

#include <boost/json.hpp>

#include "app/operations/list_tokens.h"
#include "base/json_text.h"
#include "base/time_text.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::object brief(const TenantToken& tenants) {
  const TenantToken token = shown(tenants);
  return {{"serial", token.serial}, {"upn", token.upn}, {"userId", token.user_id}};
}

json::array brief(const std::vector<const TenantToken*>& tokens) {
  json::array out;
  for (const auto* token : tokens) out.push_back(brief(*token));
  return out;
}

json::value time_or_null(const std::optional<WallTime>& time) {
  return time && *time != WallTime{} ? json::value(iso_time(*time)) : json::value(nullptr);
}

json::object whole(const TenantToken& token) {
  return {{"serial", token.serial},
          {"upn", token.upn},
          {"state", state_of(token)},
          {"step", token.step ? json::value(*token.step) : json::value(nullptr)},
          {"manufacturer", token.manufacturer},
          {"model", token.model},
          {"oathId", token.oath_id},
          {"userId", token.user_id}};
}

}  // namespace

std::string json_of(const std::vector<TenantToken>& tokens) {
  json::array out;
  for (const auto& token : tokens) out.push_back(whole(token));
  return json_text(out);
}

std::string json_of(const KnownToken& details, const Words& words) {
  json::object out{{"serial", details.serial}, {"tenant", details.tenant}, {"backend", details.backend}};
  if (details.held) {
    for (auto& member : whole(*details.held)) out[member.key()] = std::move(member.value());
    out["displayName"] = details.held->display_name;
    out["lastUsed"] = time_or_null(details.held->last_used);
  } else {
    out["state"] = "not in the tenant";
  }
  out["knownSince"] = time_or_null(details.known_since);
  if (const auto& clock = details.clock) {
    out["deviceClock"] = {{"aheadSeconds", clock->ahead.count()},
                          {"seen", clock->seen == WallTime{} ? json::value(nullptr) : json::value(iso_time(clock->seen))}};
  }
  json::array jobs;
  for (const auto& event : details.events) {
    json::object one{{"job", event.job},
                     {"kind", event.kind},
                     {"backend", event.backend},
                     {"begun", iso_time(event.begun)},
                     {"change", name_of(event.change)},
                     {"state", name_of(event.outcome.state)},
                     {"upn", event.outcome.upn},
                     {"settled", time_or_null(event.outcome.settled)}};
    if (!event.from.empty()) one["from"] = event.from;
    if (!event.replaced_by.empty()) one["replacedBy"] = event.replaced_by;
    if (!event.outcome.reason.empty()) one["reason"] = words(event.outcome.reason);
    if (!event.outcome.remedy.empty()) one["remedy"] = words(event.outcome.remedy);
    jobs.push_back(std::move(one));
  }
  out["jobs"] = std::move(jobs);
  return json_text(out);
}

std::string json_of(const TokensReport& report, const Words& words) {
  const TenantReport& found = report.found;
  json::array waiting, limit, left_out;
  for (const auto& [token, since, days] : found.not_activated) {
    auto one = brief(*token);
    one["since"] = iso_time(since);
    one["days"] = days;
    waiting.push_back(std::move(one));
  }
  for (const auto& holder : found.at_limit) limit.push_back({{"upn", holder.upn}, {"tokens", holder.tokens}});
  for (const auto& one : report.not_checked)
    left_out.push_back({{"what", one.what}, {"why", one.why}, {"remedy", words(one.remedy)}});
  json::object out{{"tokens", found.tokens},
                   {"active", found.active},
                   {"notActive", found.not_active},
                   {"notActivated", std::move(waiting)},
                   {"ofDeletedUsers", brief(found.of_deleted)},
                   {"ofDisabledUsers", brief(found.of_disabled)},
                   {"usersAtLimit", std::move(limit)},
                   {"spare", brief(found.spare)},
                   {"notChecked", std::move(left_out)}};
  if (report.asked_for_users) out["usersWithoutToken"] = json::value_from(found.without_token);
  return json_text(out);
}

}  // namespace portalkey
