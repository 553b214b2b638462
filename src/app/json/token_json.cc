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

}  // namespace

std::string json_of(const std::vector<TenantToken>& tokens) {
  json::array out;
  for (const auto& token : tokens) {
    out.push_back({{"serial", token.serial},
                   {"upn", token.upn},
                   {"state", state_of(token)},
                   {"step", token.step ? json::value(*token.step) : json::value(nullptr)},
                   {"manufacturer", token.manufacturer},
                   {"model", token.model},
                   {"oathId", token.oath_id},
                   {"userId", token.user_id}});
  }
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
