#include "provision/graph.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace portalkey {

Result<Reply> Graph::call(std::string_view method, std::string_view path, const std::optional<boost::json::value>& body) const {
  return portalkey::call(azure_, azure_.cloud.graph_resource(), method,
                         fmt::format("https://{}/v1.0{}", azure_.cloud.graph, path), body);
}

Result<boost::json::array> Graph::list(std::string_view path, std::string_view doing) const {
  boost::json::array items;
  std::string next = fmt::format("https://{}/v1.0{}", azure_.cloud.graph, path);
  for (int page = 0; !next.empty() && page < 100; ++page) {
    auto reply = portalkey::call(azure_, azure_.cloud.graph_resource(), "GET", next);
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, doing));
    const auto* values = find_at(reply->json, {"value"});
    if (values == nullptr || !values->is_array()) {
      return fail(Errc::unavailable, fmt::format("cannot {}: the answer holds no list", doing), "Run the command again.");
    }
    for (const auto& value : values->get_array()) items.push_back(value);
    next = text_at(reply->json, {"@odata.nextLink"});
  }
  return items;
}

}  // namespace portalkey
