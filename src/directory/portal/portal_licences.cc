#include "directory/portal/portal_licences.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "base/ascii.h"
#include "base/secret_json.h"

namespace portalkey {
namespace {

namespace json = boost::json;

const json::value* member(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string text(const json::value& value, std::string_view name) {
  const auto* found = member(value, name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

bool has_premium_plan(const json::value& sku) {
  if (const auto* units = member(sku, "totalUnits"); units != nullptr && units->is_int64() && units->get_int64() <= 0)
    return false;
  const auto* statuses = member(sku, "serviceStatuses");
  if (statuses == nullptr || !statuses->is_array()) return false;
  return std::ranges::any_of(statuses->get_array(), [](const json::value& status) {
    const auto* plan = member(status, "servicePlan");
    if (plan == nullptr || same_ignoring_case(text(status, "provisioningStatus"), "Disabled")) return false;
    const auto id = lower(text(*plan, "servicePlanId"));
    return id == "41781fb2-bc02-4b7c-bd55-b576c07bb09d" || id == "eec0eb4f-6444-4f95-aba0-50c24d67f998" ||
           text(*plan, "serviceName").starts_with("AAD_PREMIUM");
  });
}

}  // namespace

Result<bool> has_entra_premium(PortalApi& api, const Deadline& deadline) {
  PortalCall call;
  call.path = "/api/AccountSkus?backfillTenants=true";
  auto response = api.call(std::move(call), deadline);
  if (!response) return pass(response);
  boost::system::error_code problem;
  json::value skus;
  response->body.reveal([&](std::string_view body) { skus = parse_secret_json(body, problem); });
  if (problem || !skus.is_array()) {
    return fail(Errc::unavailable, "the portal API's list of licences has another shape than recorded",
                "See it with [[licences]]");
  }
  return std::ranges::any_of(skus.get_array(), has_premium_plan);
}

}  // namespace portalkey
