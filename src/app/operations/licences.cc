#include "app/operations/licences.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/foreign_text.h"
#include "base/indented_json.h"
#include "base/secret_json.h"

namespace portalkey {
namespace {

namespace json = boost::json;

std::int64_t number(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

constexpr std::size_t kLongestName = 200;

// A list of licences holds names, counts and dates. A long word without a blank is none of these and may be a secret in some
// spelling; a short one is kept, though it looks like a secret key: SHAREPOINTENTERPRISE is a service.
std::string licence_text(std::string_view said) {
  constexpr std::size_t kLongestWord = 100, kLongestServiceName = 40;
  const bool name =
      std::ranges::all_of(said, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
  if (name && said.size() <= kLongestServiceName) return std::string(said);
  auto kept = foreign_text(said, kLongestName);
  const bool one_word = !kept.contains(' ');
  return one_word && kept.size() > kLongestWord ? "***" : kept;
}

void keep_names(json::value& value) {
  if (value.is_object()) {
    json::object kept(value.storage());
    for (auto& member : value.get_object()) {
      json::value key(member.key(), value.storage());
      keep_names(key);
      keep_names(member.value());
      kept.insert_or_assign(key.get_string(), std::move(member.value()));
    }
    value = std::move(kept);
  } else if (value.is_array()) {
    for (auto& item : value.get_array()) keep_names(item);
  } else if (value.is_string()) {
    value = licence_text(value.get_string());
  }
}

}  // namespace

Result<Licences> read_licences(Tenant& tenant) {
  PortalCall call;
  call.path = "/api/AccountSkus?backfillTenants=true";
  auto response = tenant.portal().call(std::move(call), tenant.deadline());
  if (!response) return pass(response);
  boost::system::error_code problem;
  json::value parsed;
  response->body.reveal([&](std::string_view body) { parsed = parse_secret_json(body, problem); });
  if (problem || !parsed.is_array()) {
    return fail(Errc::unavailable, "the portal API's list of licences has another shape than recorded",
                "See it with [[licences]]");
  }
  Licences out;
  for (const auto& item : parsed.get_array()) {
    if (!item.is_object()) continue;
    const auto& sku = item.get_object();
    out.licences.push_back({foreign_text(text(sku, "name"), kLongestName), foreign_id(text(sku, "accountSkuId")),
                            number(sku, "totalUnits"), number(sku, "consumedUnits"), number(sku, "availableUnits")});
  }
  keep_names(parsed);
  out.as_listed = indented_json(parsed);
  return out;
}

}  // namespace portalkey
