#include "app/operations/call_portal.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/key_like.h"
#include "base/secret_json.h"

namespace portalkey {
namespace {

namespace json = boost::json;

/// What of a body somebody wrote must not be seen if the API quotes it: values under a name that says so, and what looks like a
/// key, such as those of a CSV file in a string.
void collect_secrets(const json::value& value, std::string_view name, std::vector<Secret>& secrets) {
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) collect_secrets(member.value(), member.key(), secrets);
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect_secrets(item, name, secrets);
  } else if (const auto* text = value.if_string()) {
    constexpr std::string_view kSecretNames[] = {"secret", "password", "passphrase", "token",
                                                 "code",   "key",      "pin",        "assertion"};
    const std::string small = lower(name);
    if (std::ranges::any_of(kSecretNames, [&](std::string_view one) { return small.contains(one); }))
      secrets.emplace_back(*text);
    std::string_view rest = *text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find_first_of(" \t\r\n,;\"'"), rest.size());
      if (looks_like_key(rest.substr(0, end))) secrets.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

}  // namespace

Result<PortalCall> portal_call_of(PortalRequest request) {
  PortalCall call;
  call.method = std::move(request.method);
  call.path = std::move(request.path);
  call.idempotency = call.method == "GET" ? Idempotency::yes : Idempotency::no;
  if (request.body.empty()) return call;
  boost::system::error_code problem;
  json::value parsed;
  request.body.reveal([&](std::string_view text) { parsed = parse_secret_json(text, problem); });
  if (problem) return fail(Errc::invalid_input, "the body is not JSON: " + problem.message(), "Correct it; nothing was sent.");
  std::vector<Secret> secrets;
  collect_secrets(parsed, {}, secrets);
  call.body = {std::move(request.body), std::move(secrets)};
  return call;
}

Result<Secret> call_portal(Tenant& tenant, PortalCall call) {
  auto response = tenant.portal().call(std::move(call), tenant.deadline());
  if (!response) return pass(response);
  return std::move(response->body);
}

}  // namespace portalkey
