#include "app/json/user_json.h"

#include <boost/json.hpp>

#include "app/operations/list_tokens.h"
#include "base/json_text.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::value or_null(const std::optional<bool>& known) { return known ? json::value(*known) : json::value(nullptr); }

json::object account_json(const Account& account) {
  return {{"upn", account.upn},
          {"exists", or_null(account.exists)},
          {"enabled", or_null(account.enabled)},
          {"guest", or_null(account.guest)}};
}

}  // namespace

std::string json_of(const UserDetails& user, const Words& words) {
  json::object out = account_json(user.account);
  json::array tokens, left_out;
  for (const auto& token : user.tokens) {
    tokens.push_back({{"serial", token.serial},
                      {"state", state_of(token)},
                      {"step", token.step ? json::value(*token.step) : json::value(nullptr)},
                      {"manufacturer", token.manufacturer},
                      {"model", token.model},
                      {"oathId", token.oath_id}});
  }
  out["tokens"] = std::move(tokens);
  out["methods"] = nullptr;
  if (user.methods) {
    json::array methods;
    for (const auto& method : *user.methods) methods.push_back({{"kind", method.kind}, {"name", method.name}});
    out["methods"] = std::move(methods);
  }
  out["places"] = kTokensPerUser;
  out["free"] = user.free;
  out["freeIsAtMost"] = !user.methods;
  for (const auto& one : user.not_checked)
    left_out.push_back({{"what", one.what}, {"why", one.why}, {"remedy", words(one.remedy)}});
  out["notChecked"] = std::move(left_out);
  return json_text(out);
}

std::string json_of(const ListedUsers& users) {
  json::array out;
  for (const auto& user : users.users) {
    auto one = account_json(user.account);
    one["tokens"] = user.tokens;
    one["active"] = user.active;
    out.push_back(std::move(one));
  }
  return json_text(out);
}

}  // namespace portalkey
