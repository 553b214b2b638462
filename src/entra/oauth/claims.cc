#include "entra/oauth/claims.h"

#include <boost/json.hpp>

namespace portalkey {

namespace json = boost::json;

std::string claims_parameter(std::string_view challenge) {
  json::object claims;
  if (!challenge.empty()) {
    boost::system::error_code problem;
    auto parsed = json::parse(challenge, problem);
    if (!problem && parsed.is_object()) claims = std::move(parsed.get_object());
  }
  auto& demanded = claims["access_token"];
  if (!demanded.is_object()) demanded = json::object();
  demanded.get_object()["xms_cc"] = json::object{{"values", json::array{"cp1"}}};
  return json::serialize(claims);
}

}  // namespace portalkey
